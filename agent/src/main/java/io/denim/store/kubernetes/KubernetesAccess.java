package io.denim.store.kubernetes;

import io.denim.store.UnavailableException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How an API server is found: by a kubeconfig, by a URL, by a URL that overrides the kubeconfig's,
 * or, with neither, as a pod finds its own.
 *
 * @param kubeconfig the file of {@code --kubeconfig-file}
 * @param apiUrl {@code --kube-api-url}
 * @param environment the process's, for {@code KUBERNETES_SERVICE_HOST} and {@code _PORT}
 * @param serviceAccount the folder with a pod's {@code token} and {@code ca.crt}
 */
public record KubernetesAccess(
    Optional<Path> kubeconfig,
    Optional<String> apiUrl,
    Map<String, String> environment,
    Path serviceAccount) {
  /** Where a kubelet puts the credentials of a pod. */
  public static final Path SERVICE_ACCOUNT =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

  private static final String HOST = "KUBERNETES_SERVICE_HOST";
  private static final String PORT = "KUBERNETES_SERVICE_PORT";

  /** Copies the map. */
  public KubernetesAccess {
    environment = Map.copyOf(environment);
  }

  /** With a pod's credentials in their usual place. */
  public static KubernetesAccess of(
      Optional<Path> kubeconfig, Optional<String> apiUrl, Map<String, String> environment) {
    return new KubernetesAccess(kubeconfig, apiUrl, environment, SERVICE_ACCOUNT);
  }

  /** By a kubeconfig alone. */
  public static KubernetesAccess kubeconfig(Path file) {
    return of(Optional.of(file), Optional.empty(), Map.of());
  }

  /** Reads what there is now. */
  Target load() {
    Target target = kubeconfig.map(Kubeconfig::load).orElseGet(this::withoutKubeconfig);
    if (apiUrl.isEmpty()) {
      return target;
    }
    boolean tls = target.authority().isPresent() || target.certificate().isPresent();
    return new Target(
        server(apiUrl.get(), "--kube-api-url", tls),
        target.authority(),
        target.insecure(),
        target.certificate(),
        target.key(),
        target.token());
  }

  private Target withoutKubeconfig() {
    return apiUrl
        .map(url -> Target.of(server(url, "--kube-api-url", false)))
        .orElseGet(this::inCluster);
  }

  private Target inCluster() {
    String host = environment.getOrDefault(HOST, "");
    String port = environment.getOrDefault(PORT, "");
    if (host.isEmpty() || port.isEmpty()) {
      throw new UnavailableException(
          "no API server is named: "
              + HOST
              + " and "
              + PORT
              + " are not set, as they are in a pod; give --kubeconfig-file or --kube-api-url");
    }
    String authority = (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    return new Target(
        server("https://" + authority, HOST, true),
        Optional.of(new Source.InFile(serviceAccount.resolve("ca.crt"))),
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.of(new Source.InFile(serviceAccount.resolve("token"))));
  }

  /**
   * Reads the URL of a server.
   *
   * @param tls whether one without a scheme means https
   */
  static URI server(String text, String where, boolean tls) {
    String url = text.strip();
    while (url.endsWith("/") && !url.endsWith("://")) {
      url = url.substring(0, url.length() - 1);
    }
    if (!url.contains("://")) {
      url = (tls ? "https://" : "http://") + url;
    }
    try {
      URI uri = new URI(url);
      String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
      if ((scheme.equals("https") || scheme.equals("http"))
          && uri.getHost() != null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // Refused with the same words as what is a URI, but no server's.
    }
    throw new UnavailableException(
        where
            + ": \""
            + text
            + "\" is no URL of an API server; allowed is one such as https://192.168.1.10:6443");
  }

  /** Where the credentials are, for messages. */
  String where() {
    return kubeconfig
        .map(Path::toString)
        .orElseGet(() -> apiUrl.map(url -> "--kube-api-url").orElse(serviceAccount.toString()));
  }
}
