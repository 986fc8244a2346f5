package io.denim.store.kubernetes;

import io.denim.model.Json;
import io.denim.store.UnavailableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JsonNode;

/**
 * A real kube-apiserver with a real etcd on free ports of the loopback, with RBAC and the objects
 * of flannel's manifest that give rights. It ends with the JVM.
 */
public final class ApiServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String FLANNEL = "kube-flannel";

  /** flannel's ClusterRole as its manifest has it. */
  private static final String ROLE =
      """
      {"kind":"ClusterRole","apiVersion":"rbac.authorization.k8s.io/v1","metadata":{"name":"flannel"},
       "rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]},
        {"apiGroups":[""],"resources":["nodes"],"verbs":["get","list","watch"]},
        {"apiGroups":[""],"resources":["nodes/status"],"verbs":["patch"]}]}
      """;

  private static final String BINDING =
      """
      {"kind":"ClusterRoleBinding","apiVersion":"rbac.authorization.k8s.io/v1","metadata":{"name":"flannel"},
       "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"flannel"},
       "subjects":[{"kind":"ServiceAccount","name":"flannel","namespace":"kube-flannel"}]}
      """;

  private final Path folder;
  private final Authority authority;
  private final int port = freePort();
  private final int etcdPort = freePort();
  private final int etcdPeerPort = freePort();
  private final HttpClient http = HttpClient.newHttpClient();
  private final KubernetesApi admin;
  private @Nullable Daemon etcd;
  private @Nullable Daemon server;

  private ApiServer(Path folder) {
    this.folder = folder;
    this.authority = new Authority(folder);
    authority.issue("server", "/CN=kube-apiserver");
    authority.issue("admin", "/O=system:masters/CN=admin");
    authority.openssl("genrsa -out sa.key 2048");
    authority.openssl("rsa -in sa.key -pubout -out sa.pub");
    write("admin.kubeconfig", kubeconfig(url(), certificate("admin")));
    this.admin = KubernetesApi.of(KubernetesAccess.kubeconfig(folder.resolve("admin.kubeconfig")));
  }

  /** Starts one in an empty folder and waits until it answers. */
  public static ApiServer start(Path folder) {
    ApiServer started = new ApiServer(folder);
    started.startEtcd();
    started.startServer();
    started.prepare();
    return started;
  }

  private static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String etcdUrl() {
    return "http://127.0.0.1:" + etcdPort;
  }

  /** The server's own URL. */
  public String url() {
    return "https://127.0.0.1:" + port;
  }

  /** The port it listens at, on the loopback. */
  public int port() {
    return port;
  }

  private void startEtcd() {
    String peers = "http://127.0.0.1:" + etcdPeerPort;
    etcd =
        Daemon.start(
            folder.resolve("etcd.log"),
            Daemon.peer("etcd"),
            List.of(
                "--data-dir=" + folder.resolve("etcd"),
                "--listen-client-urls=" + etcdUrl(),
                "--advertise-client-urls=" + etcdUrl(),
                "--listen-peer-urls=" + peers,
                "--initial-advertise-peer-urls=" + peers,
                "--initial-cluster=default=" + peers,
                "--unsafe-no-fsync"));
  }

  private void startServer() {
    server =
        Daemon.start(
            folder.resolve("apiserver.log"),
            Daemon.peer("kube-apiserver"),
            List.of(
                "--etcd-servers=" + etcdUrl(),
                "--bind-address=127.0.0.1",
                "--secure-port=" + port,
                "--cert-dir=" + folder.resolve("certs"),
                "--tls-cert-file=" + authority.file("server.crt"),
                "--tls-private-key-file=" + authority.file("server.key"),
                "--client-ca-file=" + authority.file("ca.crt"),
                "--authorization-mode=Node,RBAC",
                "--service-account-issuer=https://denim.test",
                "--service-account-key-file=" + authority.file("sa.pub"),
                "--service-account-signing-key-file=" + authority.file("sa.key"),
                "--service-cluster-ip-range=10.96.0.0/16",
                "--endpoint-reconciler-type=none"));
    awaitReady();
  }

  private void awaitReady() {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .failFast(() -> {
          if (!of(server).isAlive()) {
            throw new IllegalStateException("kube-apiserver ended: " + of(server).lastWords());
          }
        })
        .until(() -> {
          try {
            // Its last step is to make the namespaces and roles that everything needs.
            return admin.get("/api/v1/namespaces/default", ApiServer::json).isPresent()
                && admin
                    .get(
                        "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/cluster-admin",
                        ApiServer::json)
                    .isPresent();
          } catch (UnavailableException e) {
            return false;
          }
        });
  }

  private static Daemon of(@Nullable Daemon daemon) {
    return Optional.ofNullable(daemon).orElseThrow();
  }

  /** What flannel's manifest makes that gives rights. */
  private void prepare() {
    namespace(FLANNEL);
    post(
        "/api/v1/namespaces/kube-flannel/serviceaccounts", "{\"metadata\":{\"name\":\"flannel\"}}");
    post("/apis/rbac.authorization.k8s.io/v1/clusterroles", ROLE);
    post("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", BINDING);
  }

  /** Any object, as JSON. */
  public record Document(JsonNode json) implements ObjectReader.Versioned {
    @Override
    public String resourceVersion() {
      return json.path("metadata").path("resourceVersion").asString("");
    }
  }

  static Document json(JsonParser parser) {
    return new Document(Json.mapper().readTree(parser));
  }

  /** What an administrator sees at a path. */
  public JsonNode get(String path) {
    return admin.get(path, ApiServer::json).orElseThrow().json();
  }

  /** Makes an object. */
  public JsonNode post(String path, String body) {
    return done(admin.change(Verb.CREATE, path, body, ApiServer::json));
  }

  /** Changes an object by a strategic merge. */
  public JsonNode patch(String path, String body) {
    return done(admin.change(Verb.MERGE, path, body, ApiServer::json));
  }

  /** Deletes an object. */
  public void delete(String path) {
    done(admin.change(Verb.DELETE, path, "{}", ApiServer::json));
  }

  private static JsonNode done(Reply<Document> reply) {
    return switch (reply) {
      case Reply.Done<Document>(Document document) -> document.json();
      case Reply.Missing<Document>(String message) -> throw new IllegalStateException(message);
      case Reply.Conflict<Document>(String message) -> throw new IllegalStateException(message);
    };
  }

  /** Makes a namespace. */
  public void namespace(String name) {
    post("/api/v1/namespaces", "{\"metadata\":{\"name\":\"" + name + "\"}}");
  }

  /** Registers a node as its kubelet does, with the subnets that it got. */
  public JsonNode node(String name, Map<String, String> annotations, String... podCidrs) {
    var root = Json.mapper().createObjectNode();
    var metadata = root.putObject("metadata").put("name", name);
    annotations.forEach(metadata.putObject("annotations")::put);
    if (podCidrs.length > 0) {
      var spec = root.putObject("spec").put("podCIDR", podCidrs[0]);
      for (String cidr : podCidrs) {
        spec.withArray("podCIDRs").add(cidr);
      }
    }
    return post("/api/v1/nodes", root.toString());
  }

  /** Changes annotations of a node; an empty value takes one away. */
  public void annotate(String node, Map<String, String> annotations) {
    var root = Json.mapper().createObjectNode();
    var target = root.putObject("metadata").putObject("annotations");
    annotations.forEach((name, value) -> {
      if (value.isEmpty()) {
        target.putNull(name);
      } else {
        target.put(name, value);
      }
    });
    patch("/api/v1/nodes/" + node, root.toString());
  }

  /** Access with all rights. */
  public KubernetesAccess administrator() {
    return KubernetesAccess.kubeconfig(folder.resolve("admin.kubeconfig"));
  }

  /** Access with the rights that flannel's manifest gives. */
  public KubernetesAccess flannel() {
    return flannel(url());
  }

  /** The same by way of another address, such as a {@link Wire}'s. */
  public KubernetesAccess flannel(String url) {
    String name = "flannel-" + System.nanoTime() + ".kubeconfig";
    return KubernetesAccess.kubeconfig(
        write(name, kubeconfig(url, "{\"token\":\"" + token("flannel") + "\"}")));
  }

  /** A token of a service account in flannel's namespace. */
  public String token(String account) {
    return post(
            "/api/v1/namespaces/kube-flannel/serviceaccounts/" + account + "/token",
            "{\"spec\":{\"expirationSeconds\":3600}}")
        .path("status")
        .path("token")
        .asString();
  }

  /** The certificates in use. */
  public Authority authority() {
    return authority;
  }

  /** The user of a kubeconfig with a certificate of this name. */
  public String certificate(String name) {
    return "{\"client-certificate\":\"" + name + ".crt\",\"client-key\":\"" + name + ".key\"}";
  }

  /** A kubeconfig, which may lie in the server's folder. */
  public String kubeconfig(String url, String user) {
    return """
    apiVersion: v1
    kind: Config
    current-context: test
    clusters: [{name: c, cluster: {server: "URL", certificate-authority: ca.crt}}]
    users: [{name: u, user: USER}]
    contexts: [{name: test, context: {cluster: c, user: u}}]
    """
        .replace("URL", url)
        .replace("USER", user);
  }

  /** Writes a file into the server's folder. */
  public Path write(String name, String text) {
    try {
      return Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stops it where it stands. */
  public void freeze() {
    of(server).freeze();
  }

  /** Lets it go on. */
  public void thaw() {
    of(server).thaw();
  }

  /** Kills it; its data stay. */
  public void kill() {
    of(server).close();
  }

  /** Starts it again. */
  public void restart() {
    startServer();
  }

  /** Kills it with its etcd, whose data are gone, and starts both anew. */
  public void loseData() {
    of(server).close();
    of(etcd).close();
    deleteAll(folder.resolve("etcd"));
    startEtcd();
    startServer();
    prepare();
  }

  private static void deleteAll(Path root) {
    try {
      Files.walkFileTree(
          root,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes is) throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Asks etcd through its JSON gateway. */
  public JsonNode etcd(String path, String body) {
    try {
      String answer =
          http.send(
                  HttpRequest.newBuilder(URI.create(etcdUrl() + path))
                      .POST(HttpRequest.BodyPublishers.ofString(body))
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      return Json.mapper().readTree(answer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The ports and files it has left. */
  public List<String> logs() {
    List<String> logs = new ArrayList<>();
    Optional.ofNullable(server).map(Daemon::lastWords).ifPresent(logs::add);
    Optional.ofNullable(etcd).map(Daemon::lastWords).ifPresent(logs::add);
    return logs;
  }

  @Override
  public void close() {
    admin.close();
    http.close();
    Optional.ofNullable(server).ifPresent(Daemon::close);
    Optional.ofNullable(etcd).ifPresent(Daemon::close);
  }
}
