package io.denim.linux.ns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.linux.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamespaceIT {
  @Test
  void aDescriptorOfANetworkNamespaceIsTakenOver() throws Exception {
    try (Namespace original = Namespace.create()) {
      Namespace adopted = Namespace.adopt(open(original.path().toString()));

      assertThat(adopted).isEqualTo(original);
      adopted.close();
      assertThat(what(adopted.fd())).isNotEqualTo(original.toString());
    }
  }

  @ParameterizedTest
  @CsvSource({"/dev/null, ENOTTY", "/proc/self/ns/uts, 0x4000000"})
  void aDescriptorOfSomethingElseIsRefusedAndClosed(String path, String kind) throws Exception {
    int fd = open(path);
    String refused = what(fd);

    assertThatThrownBy(() -> Namespace.adopt(fd))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "descriptor %d is not that of a network namespace: "
                + "NS_GET_NSTYPE gives %s instead of CLONE_NEWNET",
            fd, kind);
    assertThat(what(fd)).isNotEqualTo(refused);
  }

  private static int open(String path) {
    try (Arena arena = Arena.ofConfined()) {
      var state = new Libc.CallState(arena);
      return Libc.openat(state, Libc.AT_FDCWD, path, Libc.O_RDONLY | Libc.O_CLOEXEC);
    }
  }

  /** What a descriptor is; its number may be something else's as soon as it is closed. */
  private static String what(int fd) throws IOException {
    Path link = Path.of("/proc/self/fd/" + fd);
    return Files.exists(link, LinkOption.NOFOLLOW_LINKS)
        ? Files.readSymbolicLink(link).toString()
        : "closed";
  }
}
