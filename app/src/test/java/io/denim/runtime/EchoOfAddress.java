package io.denim.runtime;

import io.denim.linux.ns.Namespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A server that tells everyone who connects by TCP which address that came from. */
final class EchoOfAddress implements AutoCloseable {
  /** Its port, on all addresses of its namespace. */
  static final int PORT = 9000;

  private final ServerSocket server;

  private EchoOfAddress(ServerSocket server) {
    this.server = server;
    Thread.ofPlatform().daemon().name("echo-of-address").start(this::serve);
  }

  static EchoOfAddress start(Namespace namespace) {
    return new EchoOfAddress(
        namespace.call(() -> {
          var server = new ServerSocket();
          server.bind(new InetSocketAddress(PORT));
          return server;
        }));
  }

  private void serve() {
    try {
      while (true) {
        try (Socket socket = server.accept()) {
          String from = socket.getInetAddress().getHostAddress() + "\n";
          socket.getOutputStream().write(from.getBytes(StandardCharsets.US_ASCII));
        }
      }
    } catch (IOException e) {
      // The socket is closed, or the client has gone.
      if (!server.isClosed()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
