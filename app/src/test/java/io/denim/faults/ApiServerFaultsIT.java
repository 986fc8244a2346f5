package io.denim.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.denim.fixture.Wire;
import io.denim.lab.TestPrograms;
import io.denim.net.MacAddress;
import io.denim.store.kubernetes.ApiServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Faults of an API server, and of the way there; its nodes are objects that the test makes as
 * kubelets would.
 */
@Timeout(240)
final class ApiServerFaultsIT {
  private static final String PREFIX = "flannel.alpha.coreos.com/";
  private static final Duration LONG_AWAY = Duration.ofSeconds(60);
  private static final String ACCOUNTS = "/api/v1/namespaces/kube-flannel/serviceaccounts";

  @TempDir private static Path folder = Path.of("");
  private static @Nullable ApiServer server;
  private static @Nullable Wire wire;
  private static @Nullable FaultLab lab;

  @BeforeAll
  static void start() throws IOException {
    server = ApiServer.start(Files.createDirectories(folder.resolve("server")));
    wire = new Wire(server().port());
    Path conf = folder.resolve("net-conf.json");
    Files.writeString(conf, "{\"Network\":\"10.244.0.0/16\",\"Backend\":{\"Type\":\"vxlan\"}}");
    newToken();
    Path kubeconfig =
        server()
            .write(
                "nodes.kubeconfig",
                server()
                    .kubeconfig("https://127.0.0.1:" + wire().port(), "{\"tokenFile\":\"token\"}"));
    nodes();
    server().node("n9", Map.of(), "10.244.250.0/24");
    lab =
        new FaultLab(
            folder.resolve("lab"),
            TestPrograms.find(),
            ApiServerFaultsIT::peer,
            "--kube-subnet-mgr",
            "--kubeconfig-file=" + kubeconfig,
            "--net-config-path=" + conf);
  }

  private static void newToken() {
    server().write("token.new", server().token("flannel"));
    try {
      Files.move(
          folder.resolve("server/token.new"),
          folder.resolve("server/token"),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void nodes() {
    server().node("n1", Map.of(), "10.244.0.0/24");
    server().node("n2", Map.of(), "10.244.1.0/24");
  }

  @AfterAll
  static void stop() {
    Optional.ofNullable(lab).ifPresent(FaultLab::close);
    Optional.ofNullable(wire).ifPresent(Wire::close);
    Optional.ofNullable(server).ifPresent(ApiServer::close);
  }

  private static ApiServer server() {
    return Optional.ofNullable(server).orElseThrow();
  }

  private static Wire wire() {
    return Optional.ofNullable(wire).orElseThrow();
  }

  private static FaultLab lab() {
    return Optional.ofNullable(lab).orElseThrow();
  }

  @BeforeEach
  void aPeerAndTraffic() {
    lab().begin();
  }

  @AfterEach
  void allIsWell() {
    lab().end();
  }

  private static void peer(MacAddress mac) {
    server()
        .annotate(
            "n9",
            Map.of(
                PREFIX + "kube-subnet-manager", "true",
                PREFIX + "backend-type", "vxlan",
                PREFIX + "backend-data", "{\"VNI\":1,\"VtepMAC\":\"" + mac + "\"}",
                PREFIX + "public-ip", "10.1.0.77"));
  }

  @Test
  void theServerIsAwayForAMinuteAndAnAgentIsKilledMeanwhile() {
    long end = System.nanoTime() + LONG_AWAY.toNanos();
    server().kill();
    lab().awaitUnreachable();
    lab().attachAnother();
    lab().restart("n1");
    lab().attachAnother();
    FaultLab.last(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
    lab().awaitUnreachable();
    server().restart();
  }

  @Test
  void theServerComesBackEmptyAndAnAgentIsKilledMeanwhile() {
    var subnets = lab().subnets();
    server().loseData();
    newToken();
    lab().awaitProblem("gone when the store was read again");
    // Who is no node, so says a server that answers, may become one with another subnet.
    lab().restartUnready("n1");
    nodes();
    server().node("n9", Map.of(), "10.244.250.0/24");
    lab().writePeer();
    lab().awaitWell();
    lab().attachAnother();
    assertThat(lab().subnets()).isEqualTo(subnets);
    for (String node : FaultLab.NODES) {
      assertThat(
              server()
                  .get("/api/v1/nodes/" + node)
                  .path("metadata")
                  .path("annotations")
                  .path(PREFIX + "backend-data")
                  .asString(""))
          .contains("VtepMAC");
    }
  }

  @Test
  void theServerAnswersTwoSecondsLateAndAnAgentIsKilledMeanwhile() {
    wire().slow(Duration.ofSeconds(2));
    lab().changePeer();
    lab().awaitPeerChanged();
    lab().restart("n1");
    lab().attachAnother();
    wire().mend();
  }

  @Test
  void theServerAnswersThatItIsOverloaded() throws IOException, GeneralSecurityException {
    HttpsServer overloaded = overloaded();
    try {
      wire().retarget(overloaded.getAddress().getPort());
      wire().cut();
      wire().mend();
      lab().awaitUnreachable("too many requests");
      lab().restart("n1");
      lab().attachAnother();
    } finally {
      wire().retarget(server().port());
      overloaded.stop(0);
      wire().cut();
      wire().mend();
    }
  }

  /** Answers everything as an API server in front of an etcd in trouble does. */
  private static HttpsServer overloaded() throws IOException, GeneralSecurityException {
    server()
        .authority()
        .openssl("pkcs12 -export -in server.crt -inkey server.key -out server.p12 -passout pass:p");
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(server().authority().file("server.p12"))) {
      keys.load(in, "p".toCharArray());
    }
    var own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(keys, "p".toCharArray());
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(own.getKeyManagers(), null, null);
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpsServer overloaded = HttpsServer.create(address, 0);
    overloaded.setHttpsConfigurator(new HttpsConfigurator(tls));
    byte[] answer =
        ("{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":503,"
                + "\"reason\":\"ServiceUnavailable\",\"message\":\"etcdserver: too many requests\"}")
            .getBytes(StandardCharsets.UTF_8);
    overloaded.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(503, answer.length);
            exchange.getResponseBody().write(answer);
          }
        });
    overloaded.setExecutor(task -> Thread.ofVirtual().start(task));
    overloaded.start();
    return overloaded;
  }

  @Test
  void aPeerThatChangedWhileTheWatchWasInterruptedIsFoundThoughItsVersionHasExpired() {
    wire().cut();
    lab().awaitUnreachable();
    lab().changePeer();
    // A server that starts anew knows nothing of what happened before.
    server().kill();
    server().restart();
    wire().mend();
    lab().awaitPeerChanged();
  }

  @Test
  void aTokenIsRotatedAndTheOldOneIsGoodNoMore() {
    server().delete(ACCOUNTS + "/flannel");
    server().post(ACCOUNTS, "{\"metadata\":{\"name\":\"flannel\"}}");
    try {
      wire().cut();
      wire().mend();
      lab().awaitUnreachable();
      lab().attachAnother();
    } finally {
      newToken();
    }
  }
}
