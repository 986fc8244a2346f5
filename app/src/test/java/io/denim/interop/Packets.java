package io.denim.interop;

import io.denim.linux.ns.Namespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * UDP packets to one address, which may be at several nodes: a numbered packet every few
 * milliseconds, which the node that gets it sends back with its own number.
 */
final class Packets implements AutoCloseable {
  private static final int PORT = 4000;
  private static final long MILLIS = 5;

  private final InetAddress to;
  private final List<DatagramSocket> sockets = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final Map<Integer, Integer> answers = new ConcurrentHashMap<>();
  private volatile boolean sending = true;
  private final AtomicInteger sent = new AtomicInteger();

  Packets(InetAddress to) {
    this.to = to;
  }

  /** A node in whose namespace the address is sends back what it gets. */
  Packets answeredBy(int node, Namespace inside) {
    DatagramSocket socket = socket(inside, new InetSocketAddress(to, PORT));
    start(() -> {
      DatagramPacket packet = new DatagramPacket(new byte[8], 8);
      while (true) {
        socket.receive(packet);
        ByteBuffer.wrap(packet.getData()).putInt(4, node);
        socket.send(packet);
      }
    });
    return this;
  }

  /** They leave from this namespace, from now on. */
  void from(Namespace inside) {
    DatagramSocket socket = socket(inside, new InetSocketAddress(0));
    start(() -> {
      DatagramPacket packet = new DatagramPacket(new byte[8], 8);
      while (true) {
        socket.receive(packet);
        ByteBuffer octets = ByteBuffer.wrap(packet.getData());
        answers.put(octets.getInt(0), octets.getInt(4));
      }
    });
    start(() -> {
      while (sending) {
        byte[] octets = ByteBuffer.allocate(8).putInt(sent.get()).array();
        socket.send(new DatagramPacket(octets, 8, to, PORT));
        var _ = sent.incrementAndGet();
        TimeUnit.MILLISECONDS.sleep(MILLIS);
      }
    });
  }

  /** No more leave; those that did may be on their way still. */
  void stop() {
    sending = false;
  }

  int sent() {
    return sent.get();
  }

  /** How many came back. */
  int answered() {
    return answers.size();
  }

  /** How many of them by this node. */
  long answeredBy(int node) {
    return answers.values().stream().filter(each -> each == node).count();
  }

  @Override
  public String toString() {
    return sent() + " packets to " + to + ", " + answered() + " of them answered";
  }

  private DatagramSocket socket(Namespace inside, InetSocketAddress at) {
    DatagramSocket socket = inside.call(() -> new DatagramSocket(at));
    sockets.add(socket);
    return socket;
  }

  /** A loop that may end by the end of its socket. */
  private interface Body {
    void run() throws IOException, InterruptedException;
  }

  private void start(Body body) {
    threads.add(
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try {
                body.run();
              } catch (SocketException | InterruptedException e) {
                // It is over.
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }));
  }

  @Override
  public void close() {
    stop();
    sockets.forEach(DatagramSocket::close);
    try {
      for (Thread thread : threads) {
        thread.join(TimeUnit.SECONDS.toMillis(5));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
