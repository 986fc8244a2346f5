package io.denim.store.etcd;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/** A way to a server that can be slow, swallow everything, or be cut. */
final class TcpProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final int target;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile Duration delay = Duration.ZERO;
  private volatile boolean swallowsRequests;
  private volatile boolean swallowsAnswers;

  TcpProxy(int target) {
    this.target = target;
    try {
      listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.startVirtualThread(this::accept);
  }

  /** Its endpoint. */
  String endpoint() {
    return "http://127.0.0.1:" + listener.getLocalPort();
  }

  /** From now on every piece takes so much longer, in each direction. */
  void delay(Duration time) {
    delay = time;
  }

  /** From now on nothing arrives, and nobody is told. */
  void swallow(boolean everything) {
    swallowsRequests = everything;
    swallowsAnswers = everything;
  }

  /** From now on what the server says does not arrive. */
  void swallowAnswers(boolean all) {
    swallowsAnswers = all;
  }

  /** Closes all connections there are. */
  void cut() {
    sockets.forEach(TcpProxy::close);
  }

  private void accept() {
    try {
      while (true) {
        join(listener.accept());
      }
    } catch (IOException e) {
      cut();
    }
  }

  private void join(Socket client) {
    try {
      Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
      sockets.add(client);
      sockets.add(server);
      Thread.startVirtualThread(() -> copy(client, server, () -> swallowsRequests));
      Thread.startVirtualThread(() -> copy(server, client, () -> swallowsAnswers));
    } catch (IOException e) {
      close(client);
    }
  }

  /** What was swallowed once makes the rest worthless, as TCP would not let it through either. */
  @SuppressWarnings("ThreadSleep") // being slow is what it is for
  private void copy(Socket from, Socket to, BooleanSupplier swallows) {
    byte[] buffer = new byte[65_536];
    boolean dead = false;
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      int length = in.read(buffer);
      while (length >= 0) {
        Thread.sleep(delay);
        dead |= swallows.getAsBoolean();
        if (!dead) {
          out.write(buffer, 0, length);
        }
        length = in.read(buffer);
      }
    } catch (IOException | InterruptedException e) {
      // The other direction sees it too.
    } finally {
      close(from);
      close(to);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    cut();
  }
}
