package io.denim.store.etcd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A real etcd on free ports of this machine, that ends with the JVM however that ends. Stopped, it
 * keeps its data and its ports.
 */
final class EtcdServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Starts a program, tells its number, and kills it when standard input ends. */
  private static final String HOLD =
      "\"$@\" </dev/null >\"$LOG\" 2>&1 & echo $!; cat >/dev/null; kill -9 $!";

  private final Path folder;
  private final String name;
  private final List<String> extra;
  private final String scheme;
  private final int clientPort = freePort();
  private final int peerPort = freePort();
  private final int healthPort = freePort();
  private String cluster = "";
  private @Nullable Process holder;
  private @Nullable ProcessHandle program;

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

  private static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The etcd of tools/peers, else Debian's. */
  private static Path binary() {
    String named = System.getenv().getOrDefault("DENIM_TEST_ETCD", "");
    return Stream.of(
            Optional.of(named).filter(each -> !each.isEmpty()).map(Path::of),
            ofPeers(),
            Optional.of(Path.of("/usr/bin/etcd")))
        .flatMap(Optional::stream)
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() ->
            new IllegalStateException(
                "this test needs etcd; build it with tools/peers or install Debian's etcd-server"));
  }

  private static Optional<Path> ofPeers() {
    try {
      Path script = Path.of("..", "tools", "peers").toAbsolutePath().normalize();
      Process asked = new ProcessBuilder(script.toString(), "path").start();
      var text = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return Optional.of(Path.of(text.strip(), "etcd"));
    } catch (IOException e) {
      return Optional.empty();
    }
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
    List<String> command = new ArrayList<>(List.of("sh", "-c", HOLD, "sh"));
    command.add(binary().toString());
    command.addAll(
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
    command.addAll(extra);
    try {
      Files.createDirectories(folder);
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().put("LOG", log().toString());
      holder = builder.start();
      String number =
          new java.io.BufferedReader(
                  new java.io.InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8))
              .readLine();
      program = ProcessHandle.of(Long.parseLong(number)).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path data() {
    return folder.resolve("data");
  }

  private Path log() {
    return folder.resolve("log");
  }

  private void awaitHealth() {
    Awaitility.await("etcd answers, else see " + log())
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
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

  /** Kills it. */
  void stop() {
    if (program != null && holder != null) {
      program.destroyForcibly();
      var _ = program.onExit().join();
      holder.destroyForcibly();
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
    signal("STOP");
  }

  /** Lets it go on. */
  void thaw() {
    signal("CONT");
  }

  private void signal(String name) {
    try {
      int code =
          new ProcessBuilder(
                  "kill", "-" + name, "" + java.util.Objects.requireNonNull(program).pid())
              .start()
              .waitFor();
      if (code != 0) {
        throw new IllegalStateException("kill -" + name + ": " + code);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    stop();
  }
}
