package io.denim.lab;

import io.denim.linux.ns.Namespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Numbered UDP packets from one pod to another, which sends them back. Runs from its making until
 * {@link #stop}; then says how many of them never came back.
 */
public final class Traffic implements AutoCloseable {
  private static final int PORT = 7777;

  /** For seconds in which a busy machine lets nobody read; the kernel gives what it allows. */
  private static final int BUFFER = 4 << 20;

  private static final long LAST_ANSWERS_NANOS = 3_000_000_000L;

  private final DatagramChannel sender;
  private final DatagramChannel echo;
  private final BitSet answered = new BitSet();
  private final long gapNanos;
  private final Thread sending;
  private volatile boolean stopping;
  private final AtomicInteger sent = new AtomicInteger();

  private Traffic(DatagramChannel sender, DatagramChannel echo, int perSecond) {
    this.sender = sender;
    this.echo = echo;
    this.gapNanos = 1_000_000_000L / perSecond;
    Thread.ofPlatform().name("traffic-echo").daemon().start(this::answer);
    Thread.ofPlatform().name("traffic-back").daemon().start(this::receive);
    sending = Thread.ofPlatform().name("traffic-out").daemon().start(this::send);
  }

  /** Begins to send between two pods of a lab. */
  public static Traffic between(LabState lab, String from, String to, int perSecond) {
    byte[] target = lab.member(to).address().bytes();
    try (Namespace there = lab.open(to);
        Namespace here = lab.open(from)) {
      DatagramChannel echo = there.call(() -> open().bind(new InetSocketAddress(PORT)));
      DatagramChannel sender =
          here.call(
              () -> open().connect(new InetSocketAddress(InetAddress.getByAddress(target), PORT)));
      return new Traffic(sender, echo, perSecond);
    }
  }

  private static DatagramChannel open() throws IOException {
    return DatagramChannel.open(StandardProtocolFamily.INET)
        .setOption(StandardSocketOptions.SO_RCVBUF, BUFFER);
  }

  private void send() {
    ByteBuffer packet = ByteBuffer.allocate(64);
    long next = System.nanoTime();
    while (!stopping) {
      try {
        packet.clear().putInt(sent.get()).position(0);
        sender.write(packet);
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        // Refused on the way: a packet that does not come back.
      }
      sent.incrementAndGet();
      // What a busy machine has held up is not sent all at once: that would fill the echo's buffer,
      // and count as lost on the way.
      next = Math.max(next + gapNanos, System.nanoTime());
      LockSupport.parkNanos(next - System.nanoTime());
    }
  }

  private void answer() {
    ByteBuffer packet = ByteBuffer.allocate(64);
    while (echo.isOpen()) {
      try {
        packet.clear();
        var from = echo.receive(packet);
        packet.flip();
        echo.send(packet, from);
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        // The answer has no way back just now: it is lost.
      }
    }
  }

  private void receive() {
    ByteBuffer packet = ByteBuffer.allocate(64);
    while (sender.isOpen()) {
      try {
        packet.clear();
        sender.read(packet);
        synchronized (answered) {
          answered.set(packet.getInt(0));
        }
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        // An ICMP error for a packet that was lost; the number that is missing tells of it.
      }
    }
  }

  /** How many packets have been sent so far. */
  public int sent() {
    return sent.get();
  }

  /**
   * Ends the sending, waits half a second for the last answers, and gives how many packets are
   * missing.
   */
  public int stop() {
    stopping = true;
    try {
      sending.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    long end = System.nanoTime() + LAST_ANSWERS_NANOS;
    while (missing() > 0 && System.nanoTime() < end) {
      LockSupport.parkNanos(1_000_000);
    }
    int missing = missing();
    close();
    return missing;
  }

  private int missing() {
    synchronized (answered) {
      return sent.get() - answered.cardinality();
    }
  }

  @Override
  public void close() {
    stopping = true;
    try {
      sender.close();
      echo.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close traffic", e);
    }
  }
}
