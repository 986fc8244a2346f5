package io.denim.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The programs that {@code tools/peers} has built.
 *
 * @param folder where they are; the reference CNI plugins are in its folder {@code cni}
 */
record Peers(Path folder) {
  private static final Path SCRIPT = Path.of("..", "tools", "peers").toAbsolutePath().normalize();

  /** Asks the script where they are. */
  static Peers find() {
    try {
      Process asked = new ProcessBuilder(SCRIPT.toString(), "path").start();
      var text = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Peers(Path.of(text.strip()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + SCRIPT, e);
    }
  }

  /** The program of this name. */
  Path program(String name) {
    Path program = folder.resolve(name);
    if (!Files.isExecutable(program)) {
      throw new IllegalStateException(
          "this test needs the program " + program + "; build it with tools/peers");
    }
    return program;
  }

  /** The reference CNI plugin of this name. */
  Path plugin(String name) {
    return program("cni/" + name);
  }

  /** A program that Debian has, such as containerd 1.6 beside the one of {@code tools/peers}. */
  static Path debian(String program, String packageName) {
    Path path = Path.of("/usr/bin", program);
    if (!Files.isExecutable(path)) {
      throw new IllegalStateException(
          "this test needs "
              + path
              + " of Debian's package "
              + packageName
              + "; ./denim test"
              + " installs it");
    }
    return path;
  }
}
