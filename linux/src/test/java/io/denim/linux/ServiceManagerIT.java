package io.denim.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceManagerIT {
  @TempDir Path directory;

  @Test
  void theStateComesOutOfTheSocketThatTheManagerHolds() {
    String path = directory.resolve("notify").toString();
    try (Arena arena = Arena.ofConfined()) {
      var call = new Libc.CallState(arena);
      int fd = Libc.socket(call, 1, 2, 0);
      MemorySegment address = arena.allocate(110, 2);
      address.set(ValueLayout.JAVA_SHORT, 0, (short) 1);
      address.setString(2, path);
      assertThat(Libc.bind(call, fd, address)).isZero();

      ServiceManager.notify(path, "READY=1");

      MemorySegment received = arena.allocate(64);
      long count = Libc.recv(call, fd, received, 0);
      byte[] text = received.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
      assertThat(new String(text, StandardCharsets.UTF_8)).isEqualTo("READY=1");
      Libc.close(call, fd);
    }
  }

  @Test
  void aManagerThatIsNotThereIsNamed() {
    String path = directory.resolve("nobody").toString();
    assertThatThrownBy(() -> ServiceManager.notify(path, "READY=1"))
        .hasMessageContaining("cannot send \"READY=1\" to " + path + ": ENOENT");
  }
}
