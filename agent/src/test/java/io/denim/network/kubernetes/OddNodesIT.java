package io.denim.network.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.denim.store.kubernetes.KubernetesAccess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that has no answer for one node and no subnet for another. */
@Timeout(60)
final class OddNodesIT {
  @TempDir private Path folder = Path.of("");
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final HttpServer server;

  OddNodesIT() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String name = exchange.getRequestURI().getPath().replace("/api/v1/nodes", "");
    String query = String.valueOf(exchange.getRequestURI().getRawQuery());
    if (query.contains("watch=1")) {
      // It never says anything.
      exchange.sendResponseHeaders(200, 0);
    } else if (name.isEmpty()) {
      send(
          exchange,
          200,
          "{\"metadata\":{\"resourceVersion\":\"9\"},\"items\":["
              + String.join(",", node(2, ""), node(3, ""), node(4, ""), node(5, ""))
              + "]}");
    } else {
      asked.add(name);
      switch (name) {
        case "/n2", "/n4" -> send(exchange, 500, "");
        case "/n3" -> send(exchange, 200, node(3, ""));
        default -> send(exchange, 200, node(5, "\"podCIDR\":\"10.244.5.0/24\""));
      }
    }
  }

  private static void send(HttpExchange exchange, int code, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(code, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private static String node(int number, String spec) {
    return """
    {"metadata":{"name":"nNUMBER","uid":"uNUMBER","resourceVersion":"7","annotations":{
      "flannel.alpha.coreos.com/kube-subnet-manager":"true",
      "flannel.alpha.coreos.com/backend-type":"host-gw",
      "flannel.alpha.coreos.com/backend-data":"null",
      "flannel.alpha.coreos.com/public-ip":"192.168.64.NUMBER"}},"spec":{SPEC}}
    """
        .replace("NUMBER", Integer.toString(number))
        .replace("SPEC", spec);
  }

  @Test
  void nobodyWaitsForANodeThatCannotBeAskedForAndWhoHasNoSubnetIsNotAskedForAllTheTime() {
    KubernetesAccess access =
        KubernetesAccess.of(
            Optional.empty(),
            Optional.of("http://127.0.0.1:" + server.getAddress().getPort()),
            Map.of());
    try (Member n1 = Member.following("n1", access, folder)) {
      n1.awaitSubnets("n5 10.244.5.0/24");
      n1.await(_ -> asked.stream().filter("/n2"::equals).count() > 3);

      assertThat(asked).containsOnlyOnce("/n3", "/n5");
      assertThat(n1.view().unreadable().get("nodes/n3")).contains("no podCIDR");
    }
  }
}
