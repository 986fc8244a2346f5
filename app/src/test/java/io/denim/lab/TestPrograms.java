package io.denim.lab;

import io.denim.cli.Programs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The programs of labs of tests: Denim as it was compiled, and the peers of this checkout. */
public final class TestPrograms {
  private static final Path SCRIPT = Path.of("..", "tools", "peers").toAbsolutePath().normalize();

  private TestPrograms() {}

  /** What tests hand to {@link Lab#start}. */
  public static Programs find() {
    return new Programs(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            "io.denim.cli.Main"),
        Optional.of(peers()));
  }

  private static Path peers() {
    String told = System.getenv(Programs.PEERS);
    if (told != null) {
      return Path.of(told);
    }
    try {
      Process asked = new ProcessBuilder(SCRIPT.toString(), "path").start();
      var text = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return Path.of(text.strip());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + SCRIPT, e);
    }
  }
}
