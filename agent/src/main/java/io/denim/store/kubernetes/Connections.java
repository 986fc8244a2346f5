package io.denim.store.kubernetes;

import io.denim.store.UnavailableException;
import io.fabric8.kubernetes.client.RequestConfig;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP client in use, made anew when the server or what TLS needs has changed. Whether a file
 * was replaced is looked at for each request: that is one system call a file. For all threads.
 */
final class Connections implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KubernetesApi.class);

  private final KubernetesAccess access;
  private final Limits limits;

  /** The files that were read last, as they looked then. */
  private Map<Path, String> looks = Map.of();

  private @Nullable Client client;
  private Optional<String> token = Optional.empty();
  private String trouble = "";
  private boolean closed;

  Connections(KubernetesAccess access, Limits limits) {
    this.access = access;
    this.limits = limits;
  }

  /** A client that is closed when it was replaced and nobody uses it any more. */
  private static final class Client {
    private final HttpClient http;
    private final URI server;
    private final Tls tls;
    private int users;
    private boolean retired;

    Client(HttpClient http, URI server, Tls tls) {
      this.http = http;
      this.server = server;
      this.tls = tls;
    }
  }

  /** The client with the credentials of now, until it is closed. */
  final class Use implements AutoCloseable {
    private final Client used;
    private final Optional<String> bearer;
    private boolean over;

    private Use(Client used, Optional<String> bearer) {
      this.used = used;
      this.bearer = bearer;
    }

    HttpClient http() {
      return used.http;
    }

    URI server() {
      return used.server;
    }

    Optional<String> bearer() {
      return bearer;
    }

    @Override
    public void close() {
      synchronized (Connections.this) {
        if (!over) {
          over = true;
          used.users--;
          closeIfDone(used);
        }
      }
    }
  }

  /** The client to ask by. */
  synchronized Use use() {
    if (closed) {
      throw new UnavailableException("the client of the API server is closed");
    }
    refresh();
    if (client == null) {
      throw new UnavailableException(trouble);
    }
    client.users++;
    return new Use(client, token);
  }

  /** Where the credentials are, for messages. */
  String where() {
    return access.where();
  }

  /** Why the newest credentials are not in use; empty when they are. */
  synchronized String trouble() {
    return trouble;
  }

  /** What was good before stays in use while a file is being replaced or is gone. */
  private void refresh() {
    try {
      if (client == null || !looks.equals(look(looks.keySet()))) {
        // Looked at before they are read: what is replaced meanwhile is read once more.
        Map<Path, String> before = look(access.kubeconfig().stream().toList());
        Target target = access.load();
        before.putAll(look(target.files()));
        take(target);
        looks = before;
        trouble = "";
      }
    } catch (UnavailableException e) {
      String text = String.valueOf(e.getMessage());
      if (!text.equals(trouble)) {
        trouble = text;
        LOG.warn("credentials for the API server: {}", text);
      }
    }
  }

  private void take(Target target) {
    Tls tls = Tls.of(target);
    Optional<String> bearer = target.token().map(Source::read).map(String::strip);
    if (bearer.filter(text -> !isToken(text)).isPresent()) {
      throw new UnavailableException(
          target.token().map(Source::where).orElse("") + " holds no bearer token");
    }
    Client now = client;
    if (now == null || !now.server.equals(target.server()) || !now.tls.equals(tls)) {
      client = new Client(http(target, tls), target.server(), tls);
      if (now != null) {
        LOG.info("credentials for the API server were replaced from={}", access.where());
        now.retired = true;
        closeIfDone(now);
      }
    }
    token = bearer;
  }

  /** What may stand in a header. */
  private static boolean isToken(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  private HttpClient http(Target target, Tls tls) {
    HttpClient.Builder builder = new JdkHttpClientFactory().newBuilder();
    builder.preferHttp11();
    builder.connectTimeout(limits.connect().toMillis(), TimeUnit.MILLISECONDS);
    if (target.server().getScheme().equalsIgnoreCase("https")) {
      String where = access.where();
      String pair =
          Stream.of(target.certificate(), target.key())
              .flatMap(Optional::stream)
              .map(Source::where)
              .distinct()
              .collect(Collectors.joining(" with "));
      builder.sslContext(
          tls.keys(pair), tls.trust(target.authority().map(Source::where).orElse(where)));
    }
    // Who asks decides whether to ask again.
    builder.tag(new RequestConfig(0, 0, 0, 0L, 0, 0, 0, 0));
    return builder.build();
  }

  /** How files look from outside: one that was replaced has another number. */
  private static Map<Path, String> look(Collection<Path> files) {
    Map<Path, String> all = new HashMap<>();
    for (Path file : files) {
      try {
        BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
        all.put(file, is.fileKey() + " " + is.lastModifiedTime() + " " + is.size());
      } catch (IOException e) {
        all.put(file, e.toString());
      }
    }
    return all;
  }

  private static void closeIfDone(Client client) {
    if (client.retired && client.users == 0) {
      client.http.close();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (client != null) {
      client.http.close();
      client = null;
    }
  }
}
