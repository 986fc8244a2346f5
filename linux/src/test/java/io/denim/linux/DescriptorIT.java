package io.denim.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DescriptorIT {
  @TempDir Path directory;

  private static Descriptor open(Path folder) {
    try (Arena arena = Arena.ofConfined()) {
      return Descriptor.of(
          Libc.openat(
              new Libc.CallState(arena),
              Libc.AT_FDCWD,
              folder.toString(),
              Libc.O_DIRECTORY | Libc.O_CLOEXEC));
    }
  }

  @Test
  void aPathBelowADescriptorLeadsToAnotherFolderOnceItBecomesThat() throws Exception {
    Path one = Files.createDirectory(directory.resolve("one"));
    Path two = Files.createDirectory(directory.resolve("two"));
    try (Descriptor descriptor = open(one)) {
      Path file = descriptor.path().resolve("file");
      Files.writeString(file, "1");

      descriptor.become(open(two));
      Files.writeString(file, "2");

      assertThat(Files.readString(one.resolve("file"))).isEqualTo("1");
      assertThat(Files.readString(two.resolve("file"))).isEqualTo("2");
    }
  }

  @Test
  void aCopyOutlivesIt() throws Exception {
    Descriptor descriptor = open(directory);
    try (Descriptor copy = descriptor.copy()) {
      descriptor.close();

      Files.writeString(copy.path().resolve("file"), "1");

      assertThat(directory.resolve("file")).exists();
    }
  }

  @Test
  void whatWasTakenIsNotClosedAndCannotBeUsed() {
    Descriptor descriptor = open(directory);
    try (Descriptor owner = Descriptor.of(descriptor.take())) {
      descriptor.close();

      assertThat(owner.path()).isDirectory();
      assertThatThrownBy(descriptor::fd).isInstanceOf(IllegalStateException.class);
    }
  }
}
