package io.denim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What {@code ./denim} runs with. */
class LibrariesIT {
  private static final int JAVA_6 = 50;

  @Test
  void noClassIsTooOldForAnAotCache() throws IOException {
    List<String> old = new ArrayList<>();
    try (Stream<Path> jars = Files.list(Path.of("target", "lib"))) {
      for (Path jar : jars.toList()) {
        addOld(jar, old);
      }
    }

    assertThat(old).isEmpty();
  }

  private static void addOld(Path jar, List<String> old) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      for (JarEntry entry : file.stream().toList()) {
        if (entry.getName().endsWith(".class") && version(file, entry) < JAVA_6) {
          old.add(jar.getFileName() + ": " + entry.getName());
        }
      }
    }
  }

  /** Follows the magic number and the minor version. */
  private static int version(JarFile file, JarEntry entry) throws IOException {
    try (var in = new DataInputStream(file.getInputStream(entry))) {
      in.skipNBytes(6);
      return in.readUnsignedShort();
    }
  }
}
