package io.denim.store.kubernetes;

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

/**
 * A wire to a port of the loopback that can be cut, held, and slowed down: everything goes through
 * it unchanged, later, or not at all.
 */
public final class Wire implements AutoCloseable {
  private final ServerSocket listener;
  private final int target;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean open = true;
  private volatile Duration delay = Duration.ZERO;
  private boolean held;
  private boolean refusing;
  private long lost;

  /** A wire to a port, which lets everything through. */
  public Wire(int target) {
    this.target = target;
    try {
      this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  /** The port of this end. */
  public int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    while (open) {
      try {
        Socket near = listener.accept();
        if (refuses()) {
          near.close();
          continue;
        }
        Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.add(near);
        sockets.add(far);
        Thread.ofVirtual().start(() -> carry(near, far));
        Thread.ofVirtual().start(() -> carry(far, near));
      } catch (IOException e) {
        // Nobody listens at the other end, or this end is closed.
      }
    }
  }

  private synchronized boolean refuses() {
    return refusing;
  }

  private void carry(Socket from, Socket to) {
    long born;
    synchronized (this) {
      born = lost;
    }
    byte[] buffer = new byte[16 << 10];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        Thread.sleep(delay);
        if (!awaitPassage(born)) {
          // The other end never hears that this connection is over.
          Thread.sleep(Duration.ofMinutes(10));
        }
        out.write(buffer, 0, count);
      }
    } catch (IOException e) {
      // One end closed it; so is the other now.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      sockets.remove(from);
      sockets.remove(to);
    }
  }

  /** False for a connection that was forgotten while it was held. */
  private synchronized boolean awaitPassage(long born) throws InterruptedException {
    while (held && open) {
      wait();
    }
    return lost == born;
  }

  /** Ends all connections and refuses new ones. */
  public void cut() {
    synchronized (this) {
      refusing = true;
    }
    for (Socket socket : sockets) {
      try {
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Lets nothing through, without a word, as a partition does. */
  public synchronized void hold() {
    held = true;
  }

  /** Lets new connections through; those of before stay silent, as behind a restarted gateway. */
  public synchronized void forget() {
    lost++;
  }

  /** Everything takes so much longer. */
  public void slow(Duration each) {
    delay = each;
  }

  /** Lets everything through again. */
  public synchronized void mend() {
    held = false;
    refusing = false;
    delay = Duration.ZERO;
    notifyAll();
  }

  @Override
  public void close() {
    open = false;
    mend();
    try {
      listener.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
