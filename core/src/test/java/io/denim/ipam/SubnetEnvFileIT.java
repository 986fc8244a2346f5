package io.denim.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.model.SubnetEnv;
import io.denim.net.Cidr;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SubnetEnvFileIT {
  private static final SubnetEnv ENV =
      new SubnetEnv(
          Optional.of(SubnetEnv.Part.of(Cidr.parse("10.42.0.0/16"), Cidr.parse("10.42.3.0/24"))),
          Optional.empty(),
          1450,
          true);

  @TempDir private Path directory = Path.of("");

  @Test
  void whatIsWrittenIsReadBackAndReadableByAll() throws IOException {
    Path path = directory.resolve("flannel/subnet.env");
    SubnetEnvFile file = new SubnetEnvFile(path);

    file.write(ENV);
    file.write(ENV);

    assertThat(file.read()).contains(ENV);
    assertThat(Files.readString(path)).isEqualTo(ENV.format());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-r--r--");
    try (Stream<Path> files = Files.list(directory.resolve("flannel"))) {
      assertThat(files).containsExactly(path);
    }
  }

  @Test
  void aMissingFileIsNoError() {
    assertThat(new SubnetEnvFile(directory.resolve("none")).read()).isEmpty();
  }

  @Test
  void aFailureNamesTheFile() {
    assertThatThrownBy(() -> new SubnetEnvFile(Path.of("/proc/no/subnet.env")).write(ENV))
        .isInstanceOf(AllocationException.class)
        .hasMessageContaining("cannot write /proc/no/subnet.env");
  }
}
