package io.denim.store.etcd;

import io.denim.fixture.Daemon;
import io.denim.fixture.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A real etcd on free ports of this machine, that ends with the JVM however that ends. Stopped, it
 * keeps its data and its ports.
 */
final class EtcdServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Path folder;
  private final String name;
  private final List<String> extra;
  private final String scheme;
  private final int clientPort = Ports.free();
  private final int peerPort = Ports.free();
  private final int healthPort = Ports.free();
  private String cluster = "";
  private @Nullable Daemon program;

  EtcdServer(Path folder, String name, String scheme, List<String> extra) {
    this.folder = folder;
    this.name = name;
    this.scheme = scheme;
    this.extra = List.copyOf(extra);
    this.cluster = peer();
  }

  /** A single member without TLS, which answers. */
  static EtcdServer start(Path folder, String... extra) {
    var server = new EtcdServer(folder, "m0", "http", List.of(extra));
    server.start();
    return server;
  }

  /** Members of one cluster, which answer. */
  static List<EtcdServer> startCluster(Path folder, int count, String... extra) {
    List<EtcdServer> servers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      servers.add(new EtcdServer(folder.resolve("m" + i), "m" + i, "http", List.of(extra)));
    }
    String all = String.join(",", servers.stream().map(EtcdServer::peer).toList());
    servers.forEach(each -> each.cluster = all);
    servers.forEach(EtcdServer::launch);
    servers.forEach(EtcdServer::awaitHealth);
    return servers;
  }

  private String peer() {
    return name + "=http://127.0.0.1:" + peerPort;
  }

  /** Starts it, or starts it again, and waits until it answers. */
  void start() {
    launch();
    awaitHealth();
  }

  /** Starts it without waiting: a member alone of three does not answer. */
  void launch() {
    String clients = scheme + "://127.0.0.1:" + clientPort;
    String peers = "http://127.0.0.1:" + peerPort;
    List<String> flags =
        new ArrayList<>(
            List.of(
                "--name=" + name,
                "--data-dir=" + data(),
                "--listen-client-urls=" + clients,
                "--advertise-client-urls=" + clients,
                "--listen-peer-urls=" + peers,
                "--initial-advertise-peer-urls=" + peers,
                "--initial-cluster=" + cluster,
                "--listen-metrics-urls=http://127.0.0.1:" + healthPort,
                "--unsafe-no-fsync"));
    flags.addAll(extra);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    program = Daemon.start(folder.resolve("log"), Daemon.peer("etcd"), flags);
  }

  private Path data() {
    return folder.resolve("data");
  }

  private void awaitHealth() {
    Awaitility.await("etcd answers")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .failFast(() -> {
          if (!running().isAlive()) {
            throw new IllegalStateException("etcd ended: " + running().lastWords());
          }
        })
        .until(() -> ask("/health").contains("\"health\":\"true\""));
  }

  /** Whether this member leads its cluster. */
  boolean leads() {
    return metric("etcd_server_is_leader") == 1;
  }

  /** One of its metrics. */
  long metric(String metric) {
    return ask("/metrics")
        .lines()
        .filter(line -> line.startsWith(metric + " "))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(metric.length() + 1)))
        .findFirst()
        .orElse(0);
  }

  private String ask(String path) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + healthPort + path))
              .timeout(Duration.ofSeconds(5))
              .build();
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Its endpoint, as flags have it. */
  String endpoint() {
    return scheme + "://127.0.0.1:" + clientPort;
  }

  /** Where it tells its health, which speaks HTTP/1.1. */
  String healthEndpoint() {
    return "http://127.0.0.1:" + healthPort;
  }

  int port() {
    return clientPort;
  }

  private Daemon running() {
    return Objects.requireNonNull(program, "etcd was not started");
  }

  /** Kills it. */
  void stop() {
    if (program != null) {
      program.close();
      program = null;
    }
  }

  /** Takes its data away, which only one that is stopped can take. */
  void wipe() {
    try (Stream<Path> files = Files.walk(data())) {
      files
          .sorted(java.util.Comparator.reverseOrder())
          .map(Path::toFile)
          .forEach(file -> {
            if (!file.delete()) {
              throw new IllegalStateException("cannot delete " + file);
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stops its execution; its connections stay. */
  void freeze() {
    running().freeze();
  }

  /** Lets it go on. */
  void thaw() {
    running().thaw();
  }

  @Override
  public void close() {
    stop();
  }
}
