package io.denim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServiceUnitTest {
  private static final Path UNIT = Path.of("../packaging/denim.service");

  @Test
  void itsCommandLineIsUnderstoodAndInstallsWhereRuntimesLook() throws IOException {
    List<String> words =
        Files.readAllLines(UNIT).stream()
            .filter(line -> line.startsWith("ExecStart="))
            .flatMap(line -> Arrays.stream(line.split(" ")))
            .toList();
    assertThat(words).startsWith("ExecStart=/opt/denim/denim", "agent");

    FlanneldOptions options =
        FlanneldOptions.parse(words.subList(2, words.size()), Map.of(), () -> "host");

    assertThat(options.cniConfDir()).contains(Path.of("/etc/cni/net.d"));
    assertThat(options.cniBinDir()).contains(Path.of("/opt/cni/bin"));
    assertThat(options.warnings()).isEmpty();
  }
}
