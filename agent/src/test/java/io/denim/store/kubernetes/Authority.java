package io.denim.store.kubernetes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Makes certificates and keys by openssl, in a folder. */
public final class Authority {
  private final Path folder;

  /** Makes the authority's own certificate, {@code ca.crt}. */
  public Authority(Path folder) {
    this.folder = folder;
    openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=denim-test"
            + " -keyout ca.key -out ca.crt");
  }

  /** Makes {@code name.crt} and {@code name.key} for a subject such as {@code /CN=x}. */
  public void issue(String name, String subject) {
    try {
      Files.writeString(
          folder.resolve("names"), "subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    openssl(
        "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "
            + subject
            + " -keyout "
            + name
            + ".key -out "
            + name
            + ".csr");
    openssl(
        "x509 -req -in "
            + name
            + ".csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile names -out "
            + name
            + ".crt");
  }

  /** A file of the folder. */
  public Path file(String name) {
    return folder.resolve(name);
  }

  /** Runs openssl in the folder; arguments are separated by blanks. */
  public void openssl(String arguments) {
    List<String> command = new java.util.ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments.split(" ")));
    try {
      Process process =
          new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(command + ": " + said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("this test needs openssl", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
