package io.denim.store.etcd;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How to reach an etcd cluster and where in it a network is kept, by flannel's {@code --etcd-…}
 * flags. Unlike flannel, which ignores them, a CA file alone is used, and half of a pair (key and
 * certificate, user and password) is refused.
 *
 * @param endpoints the members, at least one; one that answers is enough
 * @param prefix the path in front of all keys, in the form that Go's {@code path.Join} gives it:
 *     without a {@code /} at its end, save when it is nothing else
 * @param keyFile the private key of the client's certificate, PEM
 * @param certFile the client's certificate and what leads to its authority, PEM
 * @param caFile the authorities that sign the members' certificates, PEM; without it the JVM's own
 * @param username the user, for a cluster with authentication
 * @param password the user's password
 */
public record EtcdOptions(
    List<Endpoint> endpoints,
    String prefix,
    Optional<Path> keyFile,
    Optional<Path> certFile,
    Optional<Path> caFile,
    Optional<String> username,
    Optional<String> password) {
  /** flannel's default of {@code --etcd-endpoints}. */
  public static final String DEFAULT_ENDPOINTS = "http://127.0.0.1:4001,http://127.0.0.1:2379";

  /** flannel's default of {@code --etcd-prefix}. */
  public static final String DEFAULT_PREFIX = "/coreos.com/network";

  /**
   * Checks what can be checked without looking at files.
   *
   * @throws IllegalArgumentException naming the flag, its value and what is allowed
   */
  public EtcdOptions {
    endpoints = List.copyOf(endpoints);
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException("--etcd-endpoints is empty; allowed: at least one");
    }
    prefix = normal(prefix);
    if (keyFile.isPresent() != certFile.isPresent()) {
      throw new IllegalArgumentException(
          keyFile.isPresent()
              ? "--etcd-keyfile needs --etcd-certfile, the certificate of this key"
              : "--etcd-certfile needs --etcd-keyfile, the key of this certificate");
    }
    if (username.isPresent() != password.isPresent()) {
      throw new IllegalArgumentException(
          username.isPresent()
              ? "--etcd-username needs --etcd-password"
              : "--etcd-password needs --etcd-username");
    }
  }

  /**
   * Reads flannel's flags, of which all but the first two may be absent.
   *
   * @param endpoints with commas between them
   * @throws IllegalArgumentException naming the flag, its value and what is allowed
   */
  public static EtcdOptions of(
      String endpoints,
      String prefix,
      Optional<Path> keyFile,
      Optional<Path> certFile,
      Optional<Path> caFile,
      Optional<String> username,
      Optional<String> password) {
    List<Endpoint> members;
    try {
      members = Endpoint.list(endpoints, certFile.isPresent() || caFile.isPresent());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--etcd-endpoints: " + e.getMessage(), e);
    }
    return new EtcdOptions(members, prefix, keyFile, certFile, caFile, username, password);
  }

  /** A cluster without TLS and without users. */
  public static EtcdOptions plain(String endpoints, String prefix) {
    return of(
        endpoints,
        prefix,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** What flannel uses when no flag is given. */
  public static EtcdOptions defaults() {
    return plain(DEFAULT_ENDPOINTS, DEFAULT_PREFIX);
  }

  private static String normal(String prefix) {
    List<String> parts = Arrays.stream(prefix.split("/")).filter(each -> !each.isEmpty()).toList();
    boolean relative = !prefix.startsWith("/");
    if (prefix.isEmpty() || parts.contains(".") || parts.contains("..")) {
      throw new IllegalArgumentException(
          "--etcd-prefix=" + prefix + " is no path; allowed: such as " + DEFAULT_PREFIX);
    }
    return (relative ? "" : "/") + String.join("/", parts);
  }

  /** Whether any member is reached by TLS. */
  boolean usesTls() {
    return endpoints.stream().anyMatch(Endpoint::tls);
  }

  /** All but the password. */
  @Override
  public String toString() {
    return "etcd "
        + endpoints.stream().map(Endpoint::toString).collect(Collectors.joining(","))
        + " prefix="
        + prefix
        + keyFile.map(file -> " keyfile=" + file).orElse("")
        + certFile.map(file -> " certfile=" + file).orElse("")
        + caFile.map(file -> " cafile=" + file).orElse("")
        + username.map(user -> " username=" + user).orElse("");
  }
}
