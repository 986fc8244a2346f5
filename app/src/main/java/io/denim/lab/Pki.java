package io.denim.lab;

import io.denim.net.IpAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The certificates of a lab's Kubernetes, each with its key, all by one authority; made by openssl,
 * since the JDK has no maker of certificates.
 */
final class Pki {
  private static final String AUTHORITY = "ca";
  private static final String ACCOUNTS = "accounts";

  private final Path folder;

  private Pki(Path folder) {
    this.folder = folder;
  }

  /**
   * A certificate that is wanted.
   *
   * @param name of its files
   * @param subject as openssl writes it: /O=GROUP/CN=USER
   * @param addresses which a server with it has
   * @param hosts names which a server with it has
   */
  record Wanted(String name, String subject, List<IpAddress> addresses, List<String> hosts) {
    /** One for a client. */
    static Wanted client(String name, String subject) {
      return new Wanted(name, subject, List.of(), List.of());
    }

    private String extensions() {
      String names =
          Stream.concat(
                  addresses.stream().map(address -> "IP:" + address),
                  hosts.stream().map(host -> "DNS:" + host))
              .collect(Collectors.joining(","));
      return "basicConstraints=critical,CA:FALSE\nextendedKeyUsage=clientAuth,serverAuth\n"
          + (names.isEmpty() ? "" : "subjectAltName=" + names + "\n");
    }
  }

  /** That of the lab in this folder. */
  static Pki of(Path lab) {
    return new Pki(lab.resolve("pki"));
  }

  /** Makes an authority and these certificates for the lab in a folder. */
  static Pki make(Machine machine, Path lab, List<Wanted> wanted) {
    Path folder = of(lab).folder;
    Peers.debian("openssl", "openssl");
    try {
      Files.createDirectories(folder);
      List<String> script = new ArrayList<>();
      script.add("set -e");
      write(folder, AUTHORITY, "basicConstraints=critical,CA:TRUE\n");
      script.add(command(AUTHORITY, "/CN=denim-lab", ""));
      script.add(
          "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out accounts.key");
      script.add("openssl pkey -in accounts.key -pubout -out accounts.pub");
      for (Wanted each : wanted) {
        write(folder, each.name(), each.extensions());
        script.add(command(each.name(), each.subject(), " -CA ca.crt -CAkey ca.key"));
      }
      Path file = folder.resolve("make.sh");
      Files.writeString(file, String.join("\n", script) + "\n");
      machine.run("sh", "-c", "cd \"$0\" && exec sh make.sh", folder.toString());
      return new Pki(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make certificates in " + folder, e);
    }
  }

  private static void write(Path folder, String name, String extensions) throws IOException {
    Files.writeString(
        folder.resolve(name + ".conf"),
        "[req]\ndistinguished_name=dn\nx509_extensions=ext\n[dn]\n[ext]\n" + extensions);
  }

  private static String command(String name, String subject, String signer) {
    return "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 365 -config "
        + name
        + ".conf -keyout "
        + name
        + ".key -out "
        + name
        + ".crt -subj "
        + subject
        + signer;
  }

  /** The authority's certificate. */
  Path authority() {
    return certificate(AUTHORITY);
  }

  Path certificate(String name) {
    return folder.resolve(name + ".crt");
  }

  Path key(String name) {
    return folder.resolve(name + ".key");
  }

  /** The key by which tokens of service accounts are signed. */
  Path accountsKey() {
    return key(ACCOUNTS);
  }

  /** The key by which such tokens are verified. */
  Path accountsPublicKey() {
    return folder.resolve(ACCOUNTS + ".pub");
  }

  /** Writes a kubeconfig that needs no other file, and gives its path. */
  Path kubeconfig(String name, String server) {
    Path file = folder.resolve(name + ".kubeconfig");
    String text =
        """
        apiVersion: v1
        kind: Config
        current-context: lab
        contexts: [{name: lab, context: {cluster: lab, user: USER}}]
        clusters:
        - name: lab
          cluster: {server: "SERVER", certificate-authority-data: AUTHORITY}
        users:
        - name: USER
          user: {client-certificate-data: CERTIFICATE, client-key-data: KEY}
        """
            .replace("SERVER", server)
            .replace("USER", name)
            .replace("AUTHORITY", base64(authority()))
            .replace("CERTIFICATE", base64(certificate(name)))
            .replace("KEY", base64(key(name)));
    try {
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private static String base64(Path file) {
    try {
      return Base64.getEncoder().encodeToString(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
