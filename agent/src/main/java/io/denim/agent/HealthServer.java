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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * flanneld's two paths for probes, and Prometheus': {@code /healthz} says that the agent runs,
 * {@code /readyz} that the node has its network, {@code /metrics} what the agent counts. The port
 * is open before there is an agent, so that no probe ends an agent that waits for its store.
 */
public final class HealthServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HealthServer.class);
  private static final String TEXT = "text/plain; charset=utf-8";

  private final Optional<HttpServer> server;
  private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
  private volatile Subject subject = new NotYet();

  private HealthServer(Optional<HttpServer> server) {
    this.server = server;
  }

  /** Whose health it is. */
  interface Subject {
    /** What is wrong with it, so that it had better be started anew; empty when nothing is. */
    Optional<String> fault();

    /** Whether the node has its network. */
    boolean ready();

    /** What it counts; empty when it counts nothing yet. */
    Optional<Metrics.Page> metrics(String accept);
  }

  /** Before there is an agent. */
  private record NotYet() implements Subject {
    @Override
    public Optional<String> fault() {
      return Optional.empty();
    }

    @Override
    public boolean ready() {
      return false;
    }

    @Override
    public Optional<Metrics.Page> metrics(String accept) {
      return Optional.empty();
    }
  }

  /**
   * Listens in a namespace.
   *
   * @param port 0 for no server at all
   * @throws AgentException when the port is taken
   */
  public static HealthServer open(Namespace namespace, IpAddress address, int port) {
    if (port == 0) {
      return new HealthServer(Optional.empty());
    }
    HttpServer http = namespace.call(() -> listen(address, port));
    var health = new HealthServer(Optional.of(http));
    http.setExecutor(health.requests);
    http.createContext("/", health::answer);
    http.start();
    return health;
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

  /**
   * Tells of this agent from now on.
   *
   * @param version Denim's version, which is among the metrics
   */
  public void attend(Agent agent, String version) {
    attend(agent.health(version));
  }

  void attend(Subject other) {
    subject = other;
  }

  /** What is answered to GET; to HEAD without the text. */
  private record Answer(int code, String contentType, String text) {
    static Answer of(int code, String text) {
      return new Answer(code, TEXT, text);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Answer answer = answerTo(exchange);
      byte[] body = answer.text().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", answer.contentType());
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
        exchange.sendResponseHeaders(answer.code(), -1);
      } else {
        exchange.sendResponseHeaders(answer.code(), body.length);
        exchange.getResponseBody().write(body);
      }
    }
  }

  private Answer answerTo(HttpExchange exchange) {
    String path = exchange.getRequestURI().getPath();
    if (!path.equals("/healthz") && !path.equals("/readyz") && !path.equals("/metrics")) {
      return Answer.of(404, "not found; there are /healthz, /readyz and /metrics\n");
    }
    String method = exchange.getRequestMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      return Answer.of(405, "only GET and HEAD are answered\n");
    }
    try {
      return switch (path) {
        case "/healthz" -> healthz();
        case "/readyz" ->
            subject.ready()
                ? Answer.of(200, "flanneld is ready")
                : Answer.of(503, "flanneld is not ready yet");
        default -> metrics(exchange);
      };
    } catch (RuntimeException e) {
      LOG.error("a request for {} was not answered", path, e);
      return Answer.of(500, "an error in Denim: " + e + "\n");
    }
  }

  private Answer healthz() {
    return subject
        .fault()
        .map(fault -> Answer.of(503, fault))
        .orElseGet(() -> Answer.of(200, "flanneld is running"));
  }

  private Answer metrics(HttpExchange exchange) {
    String accept = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Accept")).orElse("");
    return subject
        .metrics(accept)
        .map(page -> new Answer(200, page.contentType(), page.body()))
        .orElseGet(() -> Answer.of(503, "the agent is being started; ask again\n"));
  }

  @Override
  public void close() {
    server.ifPresent(running -> running.stop(0));
    requests.shutdownNow();
  }
}
