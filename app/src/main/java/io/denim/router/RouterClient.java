package io.denim.router;

import io.denim.model.Json;
import io.denim.router.Answers.Done;
import io.denim.router.Answers.Explanation;
import io.denim.router.Answers.Reloaded;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Asks the router that listens at a control socket. All methods throw a {@link RouterException}
 * when it does not answer, or cannot do what it is asked.
 */
public final class RouterClient {
  /** Where a router listens when nothing else is said. */
  public static final String DEFAULT_SOCKET = "/run/denim/bgp.sock";

  /** Of the first of an answer; a long list of routes takes a router some seconds. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Path socket;

  /** For the router at this socket. */
  public RouterClient(Path socket) {
    this.socket = socket;
  }

  /** All peers, by name. */
  public List<PeerSummary> peers() {
    return all(ask(Map.of("command", "peers")), PeerSummary.class);
  }

  /** One peer. */
  public PeerReport peer(String name) {
    return one(ask(Map.of("command", "peer", "peer", name)), PeerReport.class);
  }

  /**
   * Begins a session anew, or looks at its routes again.
   *
   * @param soft {@code in} to ask for the peer's routes again, {@code out} to tell it all again;
   *     empty to end the session
   * @param message what the peer is told of the reason; empty for nothing
   */
  public Done reset(String name, String soft, String message) {
    return one(
        ask(Map.of("command", "reset", "peer", name, "soft", soft, "message", message)),
        Done.class);
  }

  /**
   * Makes routes by a peer the last choice before its session ends, or ends that (RFC 8326).
   *
   * @param name of the peer; empty for all
   */
  public Done drain(String name, boolean off) {
    return one(ask(Map.of("command", "drain", "peer", name, "off", off)), Done.class);
  }

  /** Has the router read its file now. */
  public Reloaded reload() {
    return one(ask(Map.of("command", "reload")), Reloaded.class);
  }

  /**
   * Routes, by prefix.
   *
   * @param prefix this one and those inside of it, or those that this address is in; empty for all
   * @param in the peer whose paths are asked for; empty for all
   * @param out the peer of which is asked what it is told; empty for what is known
   * @param most so many prefixes at most
   */
  public List<RouteRow> routes(String prefix, String in, String out, int most) {
    return all(
        ask(Map.of("command", "routes", "prefix", prefix, "in", in, "out", out, "limit", most)),
        RouteRow.class);
  }

  /** What a peer is told of a prefix, or why nothing. */
  public Explanation explain(String prefix, String to) {
    return one(ask(Map.of("command", "explain", "prefix", prefix, "to", to)), Explanation.class);
  }

  /**
   * What sessions say from now on, as MRT records, until its end is asked for.
   *
   * @param peer whose session; empty for all
   */
  public RecordStream capture(String peer) {
    return follow(Map.of("command", "capture", "peer", peer));
  }

  /** All routes as they came, as MRT records. */
  public RecordStream dump() {
    return follow(Map.of("command", "dump"));
  }

  private RecordStream follow(Map<String, ?> request) {
    try {
      SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
      try {
        send(channel, request);
        RecordStream records = new RecordStream(channel);
        var _ = answerIn(within(channel, records::line));
        return records;
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw nobody(e);
    }
  }

  static <T> List<T> all(JsonNode answer, Class<T> type) {
    return answer.valueStream().map(each -> one(each, type)).toList();
  }

  static <T> T one(JsonNode answer, Class<T> type) {
    return Json.mapper().treeToValue(answer, type);
  }

  /** The answer to a request. */
  JsonNode ask(Map<String, ?> request) {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      send(channel, request);
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
      int read = within(channel, () -> channel.read(buffer));
      while (read >= 0) {
        answer.write(buffer.array(), 0, buffer.position());
        read = channel.read(buffer.clear());
      }
      return answerIn(answer.toByteArray());
    } catch (IOException e) {
      throw nobody(e);
    }
  }

  private static void send(SocketChannel channel, Map<String, ?> request) throws IOException {
    String line = Json.mapper().writeValueAsString(new TreeMap<>(request)) + "\n";
    ByteBuffer octets = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
    while (octets.hasRemaining()) {
      channel.write(octets);
    }
  }

  private interface Question<T> {
    T ask() throws IOException;
  }

  /** The first of an answer has to come in time. */
  private <T> T within(SocketChannel channel, Question<T> question) throws IOException {
    Thread guard = Thread.ofVirtual().start(() -> closeLater(channel));
    try {
      return question.ask();
    } catch (ClosedChannelException e) {
      throw new RouterException(
          "the router at " + socket + " has not answered for " + PATIENCE.toSeconds() + " s", e);
    } finally {
      guard.interrupt();
    }
  }

  private static void closeLater(SocketChannel channel) {
    try {
      Thread.sleep(PATIENCE);
      channel.close();
    } catch (InterruptedException e) {
      // It was not needed.
    } catch (IOException e) {
      // It is closed.
    }
  }

  private JsonNode answerIn(byte[] octets) {
    if (octets.length == 0) {
      throw new RouterException("the router at " + socket + " ended without an answer");
    }
    try {
      JsonNode tree = Json.mapper().readTree(octets);
      if (tree.has("error")) {
        throw new RouterException(tree.path("error").asString(""));
      }
      return tree.path("answer");
    } catch (JacksonException e) {
      throw new RouterException("what answers at " + socket + " is no router of Denim's", e);
    }
  }

  private RouterException nobody(IOException e) {
    return new RouterException(
        "no router answers at "
            + socket
            + " ("
            + e.getMessage()
            + "); is \"denim bgp run\" running? Give --control if its file has another \"control\"",
        e);
  }
}
