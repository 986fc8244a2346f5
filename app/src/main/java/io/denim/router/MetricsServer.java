package io.denim.router;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Answers {@code GET /metrics}. */
final class MetricsServer implements AutoCloseable {
  private final HostPort address;
  private final HttpServer server;
  private final RouterMetrics.Lazy metrics;
  private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();

  private MetricsServer(HostPort address, HttpServer server, RouterMetrics.Lazy metrics) {
    this.address = address;
    this.server = server;
    this.metrics = metrics;
  }

  /**
   * Listens from now on.
   *
   * @throws RouterException when the port is taken
   */
  static MetricsServer open(HostPort address, RouterMetrics.Lazy metrics) {
    try {
      HttpServer http =
          HttpServer.create(
              new InetSocketAddress(
                  InetAddress.getByAddress(address.address().bytes()), address.port()),
              0);
      MetricsServer server = new MetricsServer(address, http, metrics);
      http.setExecutor(server.requests);
      http.createContext("/", server::answer);
      http.start();
      return server;
    } catch (IOException e) {
      throw new RouterException(
          "cannot listen at " + address + " (\"metrics\" of the file): " + e.getMessage(), e);
    }
  }

  HostPort address() {
    return address;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      int code = 200;
      String type = "text/plain; charset=utf-8";
      String text;
      if (!exchange.getRequestURI().getPath().equals("/metrics")) {
        code = 404;
        text = "not found; there is /metrics\n";
      } else if (!exchange.getRequestMethod().equals("GET")) {
        code = 405;
        exchange.getResponseHeaders().set("Allow", "GET");
        text = "only GET\n";
      } else {
        String accept =
            String.join(",", exchange.getRequestHeaders().getOrDefault("Accept", List.of()));
        RouterMetrics.Page page = metrics.page(accept);
        type = page.contentType();
        text = page.body();
      }
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(code, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    requests.close();
  }
}
