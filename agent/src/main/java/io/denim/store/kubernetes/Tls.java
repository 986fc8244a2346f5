package io.denim.store.kubernetes;

import io.denim.store.UnavailableException;
import io.denim.store.tls.Certificates;
import io.denim.store.tls.Pem;
import io.denim.store.tls.PrivateKeys;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What TLS needs, as text, so that two of them can be compared.
 *
 * @param authority the certificates of those who may sign the server's
 * @param insecure whether the server's certificate is not checked
 * @param certificate the client's certificate
 * @param key the key to it
 */
record Tls(
    Optional<String> authority,
    boolean insecure,
    Optional<String> certificate,
    Optional<String> key) {
  private static final char[] NO_PASSWORD = {};

  /** Reads the files that a target names. */
  static Tls of(Target target) {
    return new Tls(
        target.authority().map(Source::read),
        target.insecure(),
        target.certificate().map(Source::read),
        target.key().map(Source::read));
  }

  /** Who may sign the server's certificate; null for those that the JVM trusts. */
  TrustManager @org.jspecify.annotations.Nullable [] trust(String where) {
    if (insecure) {
      return new TrustManager[] {new Anybody()};
    }
    if (authority.isEmpty()) {
      return null;
    }
    try {
      KeyStore store = empty();
      int number = 0;
      for (X509Certificate each : Certificates.all(Pem.blocks(authority.get()))) {
        store.setCertificateEntry("ca" + number, each);
        number++;
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return factory.getTrustManagers();
    } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
      throw new UnavailableException(where + " cannot be used: " + e.getMessage(), e);
    }
  }

  /** Who asks; null for nobody. */
  KeyManager @org.jspecify.annotations.Nullable [] keys(String where) {
    if (certificate.isEmpty() || key.isEmpty()) {
      return null;
    }
    try {
      List<X509Certificate> chain = Certificates.all(Pem.blocks(certificate.get()));
      KeyStore store = empty();
      store.setKeyEntry(
          "client",
          PrivateKeys.first(Pem.blocks(key.get())),
          NO_PASSWORD,
          chain.toArray(X509Certificate[]::new));
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store, NO_PASSWORD);
      return factory.getKeyManagers();
    } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
      throw new UnavailableException(where + " cannot be used: " + e.getMessage(), e);
    }
  }

  private static KeyStore empty() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, NO_PASSWORD);
    return store;
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "Tls[insecure=" + insecure + ", client=" + certificate.isPresent() + "]";
  }

  /**
   * For {@code insecure-skip-tls-verify}. The extended kind, because the JDK checks the server's
   * name for any other.
   */
  private static final class Anybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {
      throw new UnsupportedOperationException("a client has no clients");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
      throw new UnsupportedOperationException("a client has no clients");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
      throw new UnsupportedOperationException("a client has no clients");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      // Whoever it is.
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
      // Whoever it is.
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
      // Whoever it is.
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
