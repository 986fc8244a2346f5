package io.denim.store.etcd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Certificates by openssl. */
record Pki(Path folder) {
  /** A key and its certificate. */
  record Pair(Path key, Path cert) {}

  /** An authority of its own. */
  Pair authority(String name) {
    Path key = folder.resolve(name + ".key");
    Path cert = folder.resolve(name + ".crt");
    openssl("ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", key.toString());
    openssl(
        "req",
        "-x509",
        "-new",
        "-key",
        key.toString(),
        "-out",
        cert.toString(),
        "-days",
        "2",
        "-subj",
        "/CN=" + name,
        "-addext",
        "basicConstraints=critical,CA:TRUE");
    return new Pair(key, cert);
  }

  /** A key made by this openssl command, which writes it to standard output. */
  Path key(String name, String... command) {
    Path key = folder.resolve(name + ".key");
    try {
      Files.writeString(key, openssl(command));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return key;
  }

  /** An EC key. */
  Path key(String name) {
    return key(name, "ecparam", "-genkey", "-name", "prime256v1", "-noout");
  }

  /** A certificate for a key, good for servers and clients, for a number of days. */
  Path certificate(Pair authority, String name, Path key, String alternatives, int days) {
    Path request = folder.resolve(name + ".csr");
    Path cert = folder.resolve(name + ".crt");
    Path extensions = folder.resolve(name + ".ext");
    try {
      Files.writeString(
          extensions,
          "extendedKeyUsage=serverAuth,clientAuth\n"
              + (alternatives.isEmpty() ? "" : "subjectAltName=" + alternatives + "\n"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    openssl(
        "req", "-new", "-key", key.toString(), "-out", request.toString(), "-subj", "/CN=" + name);
    openssl(
        "x509",
        "-req",
        "-in",
        request.toString(),
        "-out",
        cert.toString(),
        "-CA",
        authority.cert().toString(),
        "-CAkey",
        authority.key().toString(),
        "-CAcreateserial",
        "-days",
        Integer.toString(days),
        "-extfile",
        extensions.toString());
    return cert;
  }

  Pair client(Pair authority, String name) {
    Path key = key(name);
    return new Pair(key, certificate(authority, name, key, "", 2));
  }

  private static String openssl(String... words) {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(words));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(false).start();
      var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      var err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(command + ": " + err);
      }
      return out;
    } catch (IOException e) {
      throw new UncheckedIOException("this test needs openssl; install Debian's openssl", e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
