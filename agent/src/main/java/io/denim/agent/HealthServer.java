package io.denim.agent;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.denim.linux.ns.Namespace;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * flanneld's two paths for probes: /healthz says that the agent runs, /readyz that the node has its
 * network.
 */
public final class HealthServer implements AutoCloseable {
  private final Optional<HttpServer> server;

  private HealthServer(Optional<HttpServer> server) {
    this.server = server;
  }

  /**
   * Listens in a namespace.
   *
   * @param port 0 for no server at all
   * @throws AgentException when the port is taken
   */
  public static HealthServer start(
      Namespace namespace, IpAddress address, int port, Supplier<AgentStatus> status) {
    if (port == 0) {
      return new HealthServer(Optional.empty());
    }
    HttpServer server = namespace.call(() -> listen(address, port));
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/healthz", exchange -> answer(exchange, 200, "flanneld is running"));
    server.createContext(
        "/readyz",
        exchange -> {
          boolean ready = status.get().ready();
          answer(
              exchange,
              ready ? 200 : 503,
              ready ? "flanneld is ready" : "flanneld is not ready yet");
        });
    server.start();
    return new HealthServer(Optional.of(server));
  }

  private static HttpServer listen(IpAddress address, int port) {
    try {
      return HttpServer.create(
          new InetSocketAddress(InetAddress.getByAddress(address.bytes()), port), 0);
    } catch (IOException e) {
      throw new AgentException(
          "cannot listen for health probes on "
              + address
              + " port "
              + port
              + " (--healthz-ip, --healthz-port): "
              + e.getMessage(),
          e);
    }
  }

  private static void answer(HttpExchange exchange, int code, String text) throws IOException {
    try (exchange) {
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(code, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.ifPresent(running -> running.stop(0));
  }
}
