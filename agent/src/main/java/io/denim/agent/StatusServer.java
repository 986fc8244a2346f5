package io.denim.agent;

import io.denim.model.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's API on a Unix socket. A frame is four octets of length in network order and then
 * JSON. Whoever connects is sent one frame with the {@link AgentStatus}, and the connection is
 * closed.
 */
public final class StatusServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StatusServer.class);
  private static final int LARGEST_FRAME = 64 << 20;

  private final Optional<ServerSocketChannel> channel;
  private final Optional<Path> socket;

  StatusServer(Optional<Path> socket, Supplier<AgentStatus> status) {
    this.socket = socket;
    this.channel = socket.map(StatusServer::listen);
    channel.ifPresent(
        server -> Thread.ofVirtual().name("agent-api").start(() -> serve(server, status)));
  }

  private static ServerSocketChannel listen(Path socket) {
    try {
      Path folder = socket.toAbsolutePath().getParent();
      if (folder != null && !Files.exists(folder)) {
        Files.createDirectories(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      Files.deleteIfExists(socket);
      return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
          .bind(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on the agent's socket " + socket, e);
    }
  }

  private static void serve(ServerSocketChannel server, Supplier<AgentStatus> status) {
    while (server.isOpen()) {
      try {
        SocketChannel client = server.accept();
        Thread.ofVirtual().start(() -> answer(client, status));
      } catch (AsynchronousCloseException e) {
        return;
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        LOG.warn("agent API: {}", e.toString());
      }
    }
  }

  private static void answer(SocketChannel client, Supplier<AgentStatus> status) {
    try (client) {
      byte[] json = Json.mapper().writeValueAsString(status.get()).getBytes(StandardCharsets.UTF_8);
      ByteBuffer frame = ByteBuffer.allocate(4 + json.length).putInt(json.length).put(json).flip();
      while (frame.hasRemaining()) {
        client.write(frame);
      }
    } catch (IOException e) {
      LOG.debug("agent API client went away: {}", e.toString());
    }
  }

  /**
   * Asks the agent that listens on this socket.
   *
   * @throws AgentException when nobody listens there
   */
  public static AgentStatus ask(Path socket) {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      int length = read(channel, 4).getInt();
      if (length < 0 || length > LARGEST_FRAME) {
        throw new AgentException(socket + " answered with a frame of " + length + " octets");
      }
      String json = new String(read(channel, length).array(), StandardCharsets.UTF_8);
      return Json.mapper().readValue(json, AgentStatus.class);
    } catch (IOException e) {
      throw new AgentException(
          "no agent answers on "
              + socket
              + " ("
              + e.getMessage()
              + "); is it running on this node? Give its --socket if it is another",
          e);
    }
  }

  private static ByteBuffer read(SocketChannel channel, int octets) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(octets);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new IOException("the connection ended early");
      }
    }
    return buffer.flip();
  }

  @Override
  public void close() {
    try {
      if (channel.isPresent()) {
        channel.get().close();
      }
      if (socket.isPresent()) {
        Files.deleteIfExists(socket.get());
      }
    } catch (IOException e) {
      LOG.warn("agent API: {}", e.toString());
    }
  }
}
