package io.denim.store.etcd;

import io.denim.store.UnavailableException;
import io.denim.store.tls.Certificates;
import io.denim.store.tls.Pem;
import io.denim.store.tls.PrivateKeys;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What connections by TLS need, read from the files of the flags and read again when one of them
 * has changed. Files that do not fit together, as in the middle of a rotation, leave in force what
 * was read before.
 */
final class TlsFiles {
  private static final Logger LOG = LoggerFactory.getLogger(TlsFiles.class);
  private static final String KEY_FLAG = "--etcd-keyfile";
  private static final String CERT_FLAG = "--etcd-certfile";
  private static final String CA_FLAG = "--etcd-cafile";

  private final EtcdOptions options;
  private List<String> stamps;
  private Secured secured;
  private String trouble = "";

  /**
   * Reads the files.
   *
   * @throws UnavailableException naming flag, file, what is wrong with it and what is allowed
   */
  TlsFiles(EtcdOptions options) {
    this.options = options;
    this.stamps = stamps();
    this.secured = new Secured(1, load());
  }

  /**
   * What a connection is made with.
   *
   * @param generation counted up from 1 when files have changed
   */
  record Secured(int generation, SslContext context) {}

  /** What a new connection is to be made with. */
  synchronized Secured current() {
    List<String> now = stamps();
    if (!now.equals(stamps) || !trouble.isEmpty()) {
      try {
        secured = new Secured(secured.generation() + 1, load());
        stamps = now;
        LOG.info("etcd: read again: {}", flags());
        trouble = "";
      } catch (UnavailableException e) {
        String again = String.valueOf(e.getMessage());
        if (!again.equals(trouble)) {
          LOG.warn("etcd: the files that were read before stay in use: {}", again);
          trouble = again;
        }
      }
    }
    return secured;
  }

  private String flags() {
    List<String> flags = new ArrayList<>();
    options.keyFile().ifPresent(file -> flags.add(KEY_FLAG + "=" + file));
    options.certFile().ifPresent(file -> flags.add(CERT_FLAG + "=" + file));
    options.caFile().ifPresent(file -> flags.add(CA_FLAG + "=" + file));
    return String.join(", ", flags);
  }

  /** What a file's identity, length and time of change are; behind links, as volumes have them. */
  private List<String> stamps() {
    List<String> found = new ArrayList<>();
    for (Optional<Path> file : List.of(options.keyFile(), options.certFile(), options.caFile())) {
      found.add(file.map(TlsFiles::stamp).orElse(""));
    }
    return found;
  }

  private static String stamp(Path file) {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return now.fileKey() + " " + now.size() + " " + now.lastModifiedTime();
    } catch (IOException e) {
      return e.toString();
    }
  }

  private SslContext load() {
    SslContextBuilder builder = SslContextBuilder.forClient().protocols("TLSv1.3", "TLSv1.2");
    options.caFile().ifPresent(file -> builder.trustManager(certificates(CA_FLAG, file)));
    if (options.keyFile().isPresent() && options.certFile().isPresent()) {
      Path keyFile = options.keyFile().get();
      X509Certificate[] chain = certificates(CERT_FLAG, options.certFile().get());
      PrivateKey key = key(keyFile);
      if (!belong(key, chain[0])) {
        throw wrong(
            KEY_FLAG,
            keyFile,
            "is not the key of the first certificate in "
                + CERT_FLAG
                + "="
                + options.certFile().get(),
            null);
      }
      builder.keyManager(key, chain);
    }
    try {
      return GrpcSslContexts.configure(builder, SslProvider.JDK).build();
    } catch (SSLException | IllegalArgumentException e) {
      throw new UnavailableException(
          "etcd: TLS cannot be set up with " + flags() + ": " + e.getMessage(), e);
    }
  }

  private static PrivateKey key(Path file) {
    try {
      return PrivateKeys.first(Pem.blocks(text(KEY_FLAG, file)));
    } catch (IllegalArgumentException e) {
      throw wrong(KEY_FLAG, file, String.valueOf(e.getMessage()), e);
    }
  }

  private static X509Certificate[] certificates(String flag, Path file) {
    try {
      return Certificates.all(Pem.blocks(text(flag, file))).toArray(X509Certificate[]::new);
    } catch (IllegalArgumentException e) {
      throw wrong(flag, file, String.valueOf(e.getMessage()), e);
    }
  }

  private static String text(String flag, Path file) {
    try {
      // Only the blocks matter, and they are ASCII.
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw wrong(flag, file, "cannot be read: " + e + "; allowed: a file in PEM", e);
    }
  }

  private static UnavailableException wrong(
      String flag, Path file, String problem, @Nullable Throwable cause) {
    String message = flag + "=" + file + ": " + problem;
    return cause == null
        ? new UnavailableException(message)
        : new UnavailableException(message, cause);
  }

  private static boolean belong(PrivateKey key, X509Certificate certificate) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> "Ed25519";
        };
    byte[] text = Arrays.copyOf(certificate.getSerialNumber().toByteArray(), 32);
    try {
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key, new SecureRandom());
      signer.update(text);
      byte[] signature = signer.sign();
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(certificate.getPublicKey());
      verifier.update(text);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      // A key of one algorithm and a certificate of another.
      return false;
    }
  }
}
