package io.denim.store.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.denim.store.UnavailableException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Answers that a real API server seldom gives, and a proxy or a sick one may. */
@Timeout(60)
final class OddServerIT {
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final ObjectList LIST = new ObjectList("/list", "", ObjectList.Form.WHOLE);
  private static final String EMPTY = "{\"metadata\":{\"resourceVersion\":\"9\"},\"items\":null}";

  /** What to answer. */
  @FunctionalInterface
  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  private final HttpServer server;
  private final KubernetesApi api;
  private final AtomicInteger requests = new AtomicInteger();
  private final List<String> queries = new CopyOnWriteArrayList<>();
  private final List<WatchEvent<Stored>> events = new CopyOnWriteArrayList<>();

  OddServerIT() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
    api =
        Hasty.api(
            KubernetesAccess.of(
                Optional.empty(),
                Optional.of("http://127.0.0.1:" + server.getAddress().getPort()),
                Map.of()));
  }

  @AfterEach
  void stop() {
    api.close();
    server.stop(0);
  }

  private void answer(Answer answer) {
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            requests.incrementAndGet();
            queries.add(String.valueOf(exchange.getRequestURI().getRawQuery()));
            answer.to(exchange);
          }
        });
  }

  private static void send(HttpExchange exchange, int code, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(code, bytes.length == 0 ? -1 : bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  private static boolean isWatch(HttpExchange exchange) {
    return String.valueOf(exchange.getRequestURI().getRawQuery()).startsWith("watch=1");
  }

  private List<Stored> list() {
    List<Stored> found = new ArrayList<>();
    api.list(LIST, Stored::read, found::add);
    return found;
  }

  private ObjectWatch<Stored> watch() {
    return api.watch(LIST, "5", Stored::read, new Random(1), events::add);
  }

  private static String item(String name, int revision) {
    return "{\"metadata\":{\"name\":\"" + name + "\",\"resourceVersion\":\"" + revision + "\"}}";
  }

  @Test
  void aPageOfHtmlIsNoList() {
    answer(exchange -> send(exchange, 200, "<html>Welcome</html>"));

    assertThatThrownBy(this::list)
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("sends no JSON as an API server does");
  }

  @Test
  void aListThatBreaksOffIsNone() {
    answer(exchange -> {
      exchange.sendResponseHeaders(200, 1000);
      exchange.getResponseBody().write("{\"items\":[{".getBytes(StandardCharsets.UTF_8));
    });

    assertThatThrownBy(this::list)
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("broke off");
  }

  @Test
  void anAnswerThatComesTooSlowlyIsNotWaitedFor() {
    answer(exchange -> {
      exchange.sendResponseHeaders(200, 0);
      for (int i = 0; i < 100; i++) {
        exchange.getResponseBody().write(' ');
        exchange.getResponseBody().flush();
        pause(100);
      }
    });

    assertThatThrownBy(() -> api.get("/one", Stored::read))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("answers too slowly: the answer was not over in time");
  }

  @SuppressWarnings("ThreadSleep") // a server that is slow
  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aListWhoseContinuationRanOutIsBegunAnewAndHasNothingThatIsGoneMeanwhile() {
    answer(exchange -> {
      String query = exchange.getRequestURI().getRawQuery();
      if (!query.contains("continue")) {
        send(
            exchange,
            200,
            "{\"metadata\":{\"resourceVersion\":\"7\",\"continue\":\"c&1\"},\"items\":["
                + item(requests.get() == 1 ? "gone" : "a", 1)
                + "]}");
      } else if (requests.get() == 2) {
        send(exchange, 410, "{\"kind\":\"Status\",\"message\":\"gone\",\"code\":410}");
      } else {
        send(
            exchange,
            200,
            "{\"items\":[" + item("b", 2) + "],\"metadata\":{\"resourceVersion\":\"7\"}}");
      }
    });

    assertThat(list()).extracting(Stored::object).containsExactly("a", "b");
    assertThat(queries).last().asString().contains("continue=c%261");
  }

  @Test
  void aListThatIsForgottenAgainAndAgainIsGivenUp() {
    answer(exchange -> send(exchange, 410, ""));

    assertThatThrownBy(this::list)
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("forgot the list");
  }

  @Test
  void aServerThatHasTooMuchToDoIsTold() {
    answer(exchange -> send(exchange, 429, "{\"kind\":\"Status\",\"message\":\"later\"}"));

    assertThatThrownBy(this::list)
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("has too much to do: later");
  }

  @Test
  void aWatchGoesOnFromTheLastBookmark() {
    answer(exchange -> {
      if (!isWatch(exchange)) {
        send(exchange, 200, EMPTY);
      } else if (events.stream().noneMatch(WatchEvent.Put.class::isInstance)) {
        send(
            exchange,
            200,
            "{\"type\":\"ADDED\",\"object\":"
                + item("a", 6)
                + "}\n{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"8\"}}}\n");
      } else {
        send(exchange, 200, "");
      }
    });
    try (ObjectWatch<Stored> _ = watch()) {
      await()
          .atMost(PATIENCE)
          .until(() -> queries.stream().anyMatch(query -> query.contains("resourceVersion=8&")));
      assertThat(events.stream().filter(WatchEvent.Put.class::isInstance)).hasSize(1);
      assertThat(queries.getFirst())
          .contains("allowWatchBookmarks=true", "resourceVersion=5&", "timeoutSeconds=2");
    }
  }

  @Test
  void aWatchThatTheServerEndsAtOnceIsNotAskedForWithoutPause() {
    answer(exchange -> send(exchange, 200, isWatch(exchange) ? "" : EMPTY));
    try (ObjectWatch<Stored> _ = watch()) {
      pause(2000);

      // 50 to 100 ms, then twice as long each time; two requests a round.
      assertThat(requests.get()).isBetween(4, 16);
    }
  }

  @Test
  void anErrorInAWatchThatIsNoExpiryInterruptsIt() {
    answer(exchange ->
        send(
            exchange,
            200,
            isWatch(exchange)
                ? "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":500,\"message\":\"sick\"}}"
                : EMPTY));
    try (ObjectWatch<Stored> _ = watch()) {
      await()
          .atMost(PATIENCE)
          .until(() -> events.stream().anyMatch(WatchEvent.Interrupted.class::isInstance));
      assertThat(events.stream().filter(WatchEvent.Interrupted.class::isInstance))
          .first()
          .asString()
          .contains("sick");
    }
  }

  @Test
  void anExpiredWatchIsOver() {
    answer(exchange ->
        send(
            exchange,
            200,
            "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410,"
                + "\"message\":\"too old resource version: 5 (9)\"}}"));
    try (ObjectWatch<Stored> _ = watch()) {
      await()
          .atMost(PATIENCE)
          .until(() ->
              events.contains(new WatchEvent.Expired<Stored>("too old resource version: 5 (9)")));
      pause(500);
      assertThat(requests.get()).isEqualTo(1);
    }
  }

  @Test
  void aWatchThatIsRefusedAsTooOldIsOver() {
    answer(exchange -> send(exchange, 410, "{\"kind\":\"Status\",\"message\":\"too old\"}"));
    try (ObjectWatch<Stored> _ = watch()) {
      await()
          .atMost(PATIENCE)
          .until(() -> events.contains(new WatchEvent.Expired<Stored>("too old")));
    }
  }

  @Test
  void aServerThatHasCountedLessHasLostItsData() {
    answer(exchange ->
        send(
            exchange,
            200,
            isWatch(exchange) ? "" : "{\"metadata\":{\"resourceVersion\":\"3\"},\"items\":[]}"));
    try (ObjectWatch<Stored> _ = watch()) {
      await()
          .atMost(PATIENCE)
          .until(() -> events.stream().anyMatch(WatchEvent.Expired.class::isInstance));
      assertThat(events.getLast()).asString().contains("it has lost data");
    }
  }

  @Test
  void whatIsNoEventInterruptsAWatch() {
    answer(exchange -> send(exchange, 200, isWatch(exchange) ? "[1]" : EMPTY));
    try (ObjectWatch<Stored> _ = watch()) {
      await()
          .atMost(PATIENCE)
          .until(() -> events.stream().anyMatch(WatchEvent.Interrupted.class::isInstance));
    }
  }
}
