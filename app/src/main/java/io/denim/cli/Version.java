package io.denim.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/**
 * What runs here.
 *
 * @param denim Denim's version
 * @param java the JVM's
 * @param kernel the kernel's release
 * @param architecture the machine's, in Java's words: amd64, aarch64
 */
record Version(String denim, String java, String kernel, String architecture) {

  static Version current() {
    return new Version(
        denimVersion(),
        Runtime.version().toString(),
        System.getProperty("os.version", "unknown"),
        System.getProperty("os.arch", "unknown"));
  }

  private static String denimVersion() {
    var properties = new Properties();
    try (InputStream file =
        Objects.requireNonNull(
            Version.class.getResourceAsStream("version.properties"),
            "the build puts version.properties beside this class")) {
      properties.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read version.properties", e);
    }
    return properties.getProperty("version", "unknown");
  }

  /** One line. */
  @Override
  public String toString() {
    return "denim " + denim + " (Java " + java + ", Linux " + kernel + ", " + architecture + ")";
  }
}
