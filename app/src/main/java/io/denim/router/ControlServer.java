package io.denim.router;

import io.denim.model.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The control socket: one request a connection. Who connects sends a JSON object and a line feed,
 * and is sent one: {@code {"answer": …}}, or {@code {"error": "…"}} with words for the user. Only
 * the router's own user may connect. A {@link LongAnswer} follows {@code {"answer": "mrt"}} and a
 * line feed as records, behind which comes {@link RecordStream#end}.
 */
final class ControlServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
  private static final int LONGEST_REQUEST = 64 << 10;
  private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

  private final Path socket;
  private final ServerSocketChannel channel;
  private final Function<JsonNode, Object> answers;

  private ControlServer(
      Path socket, ServerSocketChannel channel, Function<JsonNode, Object> answers) {
    this.socket = socket;
    this.channel = channel;
    this.answers = answers;
  }

  /**
   * Listens from now on.
   *
   * @param answers gives a tree, records or lists of records to a request, or throws a {@link
   *     RouterException}
   * @throws RouterException when it cannot, or when another router answers there
   */
  static ControlServer open(Path socket, Function<JsonNode, Object> answers) {
    try {
      Path folder = socket.toAbsolutePath().getParent();
      if (folder != null && !Files.exists(folder)) {
        Files.createDirectories(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      if (isServed(socket)) {
        throw new RouterException(
            "another router answers at "
                + socket
                + "; end it first, or give this one another \"control\" in its file");
      }
      Files.deleteIfExists(socket);
      ServerSocketChannel channel =
          ServerSocketChannel.open(StandardProtocolFamily.UNIX)
              .bind(UnixDomainSocketAddress.of(socket));
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
      ControlServer server = new ControlServer(socket, channel, answers);
      Thread.ofVirtual().name("bgp-control").start(server::serve);
      return server;
    } catch (IOException e) {
      throw new RouterException(
          "cannot listen for commands at " + socket + " (\"control\" of the file): " + e, e);
    }
  }

  private static boolean isServed(Path socket) {
    if (!Files.exists(socket)) {
      return false;
    }
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      return channel.isConnected();
    } catch (IOException e) {
      // It was left behind.
      return false;
    }
  }

  Path socket() {
    return socket;
  }

  private void serve() {
    while (channel.isOpen()) {
      try {
        SocketChannel client = channel.accept();
        Thread.ofVirtual().start(() -> answer(client));
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        LOG.warn("cannot take a command: {}", e.getMessage());
        // What there is too little of is not there at once.
        LockSupport.parkNanos(PAUSE);
      }
    }
  }

  private void answer(SocketChannel client) {
    try (client) {
      Map<String, Object> answer = answerTo(read(client));
      if (answer.get("answer") instanceof LongAnswer more) {
        write(client, "{\"answer\":\"mrt\"}\n".getBytes(StandardCharsets.UTF_8));
        write(client, RecordStream.end(more.send(client)));
      } else {
        write(client, Json.mapper().writeValueAsBytes(answer));
      }
    } catch (IOException e) {
      LOG.debug("who gave a command went away: {}", e.toString());
    } catch (RuntimeException e) {
      LOG.error("an answer broke off by an error of Denim's", e);
    }
  }

  private static void write(SocketChannel client, byte[] octets) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(octets);
    while (left.hasRemaining()) {
      client.write(left);
    }
  }

  private Map<String, Object> answerTo(String request) {
    try {
      JsonNode tree = Json.mapper().readTree(request);
      return Map.of("answer", answers.apply(tree));
    } catch (JacksonException e) {
      return Map.of("error", "a request is a JSON object: " + e.getOriginalMessage());
    } catch (RouterException e) {
      return Map.of("error", String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.error("a command failed by an error of Denim's", e);
      return Map.of("error", e + " (an error in Denim; the router's log says where)");
    }
  }

  /** To the end of the line, or of what is sent. */
  private static String read(SocketChannel client) throws IOException {
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    while (request.size() < LONGEST_REQUEST && client.read(buffer.clear()) >= 0) {
      request.write(buffer.array(), 0, buffer.position());
      if (buffer.position() > 0 && buffer.get(buffer.position() - 1) == '\n') {
        break;
      }
    }
    return request.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    try {
      channel.close();
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      LOG.warn("cannot close {}: {}", socket, e.getMessage());
    }
  }
}
