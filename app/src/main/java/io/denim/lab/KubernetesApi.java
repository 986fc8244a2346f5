package io.denim.lab;

import io.denim.linux.ns.Namespace;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The API server of a lab's Kubernetes, asked as its administrator, from its own host. */
public final class KubernetesApi {
  /** The port of the API server. */
  public static final int PORT = 6443;

  private final LabHttp http;

  /**
   * An API server that may not be there yet.
   *
   * @param namespace of its host, which stays the caller's
   */
  KubernetesApi(Namespace namespace, IpAddress address, Pki pki) {
    String user = ControlPlane.ADMIN;
    http =
        new LabHttp(
            namespace,
            address,
            PORT,
            Optional.of(tls(pki.authority(), pki.certificate(user), pki.key(user))));
  }

  private static SSLSocketFactory tls(Path authority, Path certificate, Path key) {
    char[] none = {};
    try {
      KeyStore own = KeyStore.getInstance("PKCS12");
      own.load(null, none);
      own.setKeyEntry("own", key(key), none, new Certificate[] {certificate(certificate)});
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, none);
      trusted.setCertificateEntry("ca", certificate(authority));
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(own, none);
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new LabException("cannot use the certificates of the lab: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the certificates of the lab", e);
    }
  }

  private static PrivateKey key(Path file) throws GeneralSecurityException, IOException {
    String base64 = Files.readString(file).replaceAll("-----[^-]*-----|\\s", "");
    return KeyFactory.getInstance("EC")
        .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
  }

  private static Certificate certificate(Path file) throws GeneralSecurityException, IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  /** Whether it answers and says that it is ready. */
  public boolean isReady() {
    return http.tryCall("GET", "/readyz", "").filter(LabHttp.Answer::succeeded).isPresent();
  }

  /**
   * Reads an object or a list.
   *
   * @param path such as /api/v1/nodes
   * @throws LabException when it is not there or nobody answers
   */
  public JsonNode get(String path) {
    return JsonMapper.shared().readTree(http.call("GET", path, ""));
  }

  /** Reads an object; empty when it is not there, or nobody answers. */
  public Optional<JsonNode> tryGet(String path) {
    return http.tryCall("GET", path, "")
        .filter(LabHttp.Answer::succeeded)
        .map(answer -> JsonMapper.shared().readTree(answer.body()));
  }

  /**
   * Makes an object.
   *
   * @param path of the collection, such as /api/v1/namespaces/default/pods
   * @param yaml the object
   */
  public JsonNode create(String path, String yaml) {
    String json = YAMLMapper.shared().readTree(yaml).toString();
    return JsonMapper.shared().readTree(http.call("POST", path, json));
  }
}
