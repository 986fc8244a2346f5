package io.denim.bgp.bmp;

import io.denim.bgp.config.PeerAddress;
import io.denim.bgp.speaker.EventQueue;
import io.denim.bgp.speaker.Monitor;
import io.denim.bgp.speaker.Monitors;
import io.denim.bgp.speaker.PeerStatus;
import io.denim.bgp.speaker.Speaker;
import io.denim.bgp.wire.Framer;
import io.denim.net.Family;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps a station informed about a speaker's peers and best routes, on a thread of its own. */
public final class BmpExport implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BmpExport.class);

  /** What may wait for the station. */
  private static final long WAITING = 8 << 20;

  private static final int DIAL_PATIENCE = 10_000;
  private static final long CLOSE_PATIENCE = 2_000;
  private static final long FIRST_PAUSE = TimeUnit.SECONDS.toMillis(1);
  private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toMillis(60);

  /** A connection that held for so long was a good one. */
  private static final long GOOD = TimeUnit.SECONDS.toNanos(30);

  private static final int BUFFER = 1 << 16;

  private final Monitors monitors;
  private final Speaker speaker;
  private final BmpStation station;
  private final EventQueue queue;
  private final Thread thread;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicLong connections = new AtomicLong();
  private final AtomicLong overflows = new AtomicLong();
  private final AtomicLong messages = new AtomicLong();
  private final Map<PeerAddress, Monitor.Link> up = new LinkedHashMap<>();
  private volatile @Nullable Socket socket;
  private volatile boolean connected;
  private volatile String problem = "";

  /**
   * How it goes.
   *
   * @param connected whether the station is informed
   * @param connections how often it was
   * @param messages that were sent
   * @param overflows how often the station was too slow, and was begun with anew
   * @param problem what went wrong last, in words; empty when nothing has
   */
  public record Status(
      boolean connected, long connections, long messages, long overflows, String problem) {}

  private BmpExport(Monitors monitors, Speaker speaker, BmpStation station, long waiting) {
    this.monitors = monitors;
    this.speaker = speaker;
    this.station = station;
    queue = new EventQueue(waiting, _ -> true, false, this::overflow);
    // A virtual thread would dial from the namespace of whoever carries it.
    thread = new Thread(this::run, "bmp");
    thread.setDaemon(true);
  }

  /**
   * Begins to dial, from the network namespace of this thread.
   *
   * @param monitors that the speaker was started with
   */
  public static BmpExport start(Monitors monitors, Speaker speaker, BmpStation station) {
    return start(monitors, speaker, station, WAITING);
  }

  /** The same, with room for other than 8 MiB that wait for the station. */
  static BmpExport start(Monitors monitors, Speaker speaker, BmpStation station, long waiting) {
    BmpExport export = new BmpExport(monitors, speaker, station, waiting);
    export.thread.start();
    return export;
  }

  /** How it goes. */
  public Status status() {
    return new Status(connected, connections.get(), messages.get(), overflows.get(), problem);
  }

  private void overflow() {
    overflows.incrementAndGet();
    problem = "it is too slow";
    hangUp();
  }

  private void hangUp() {
    Socket open = socket;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        LOG.debug("closing failed", e);
      }
    }
  }

  /** The thread. */
  private void run() {
    long pause = FIRST_PAUSE;
    try {
      boolean again = true;
      while (again) {
        long begun = System.nanoTime();
        try {
          connect();
        } catch (IOException e) {
          fail(e);
        } finally {
          connected = false;
          monitors.remove(queue);
          queue.shut();
        }
        pause = System.nanoTime() - begun > GOOD ? FIRST_PAUSE : pause;
        again = !closed.await(pause, TimeUnit.MILLISECONDS);
        pause = Math.min(2 * pause, LONGEST_PAUSE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      problem = "an error of Denim's: " + e;
      LOG.error("the station {} is informed no longer", station.address(), e);
    }
  }

  /** The same fault is told once. */
  private void fail(IOException e) {
    String words = connected && !problem.isEmpty() ? problem : words(e);
    if (!words.equals(problem) && closed.getCount() > 0) {
      LOG.warn("station={} problem=\"{}\"", station.address(), words);
    }
    problem = words;
  }

  private static String words(IOException e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  private void connect() throws IOException, InterruptedException {
    try (Socket dialled = new Socket()) {
      socket = dialled;
      InetSocketAddress address = station.address();
      dialled.connect(
          address.isUnresolved()
              ? new InetSocketAddress(address.getHostString(), address.getPort())
              : address,
          DIAL_PATIENCE);
      dialled.setTcpNoDelay(true);
      dialled.setKeepAlive(true);
      Thread.ofVirtual().name("bmp station").start(() -> listen(dialled));
      problem = "";
      connections.incrementAndGet();
      LOG.info("station={} event=connected", address);
      OutputStream out = new BufferedOutputStream(dialled.getOutputStream(), BUFFER);
      send(out, BmpMessage.initiation(station));
      up.clear();
      queue.open();
      monitors.add(queue);
      connected = true;
      inform(out);
      if (closed.getCount() == 0) {
        send(out, BmpMessage.termination());
        out.flush();
      }
    } finally {
      socket = null;
    }
  }

  /** A station says nothing; but it may go. */
  private void listen(Socket from) {
    try (from) {
      InputStream in = from.getInputStream();
      byte[] ignored = new byte[256];
      int count = in.read(ignored);
      while (count >= 0) {
        count = in.read(ignored);
      }
      lost(from, "it has closed the connection");
    } catch (IOException e) {
      lost(from, "the connection broke: " + words(e));
    }
  }

  private void lost(Socket connection, String words) {
    if (connection.equals(socket)) {
      if (problem.isEmpty()) {
        problem = words;
      }
      queue.shut();
    }
  }

  private void inform(OutputStream out) throws IOException, InterruptedException {
    // What has come before this is in it, and what comes after it is in the queue.
    Dump dump = new Dump(speaker.routes(_ -> true, Optional.empty()));
    try (LocRibPeer locRib = new LocRibPeer(speaker, queue::nudge)) {
      send(out, locRib.up(Instant.now()));
      inform(out, dump, locRib);
    }
  }

  private void inform(OutputStream out, Dump dump, LocRibPeer locRib)
      throws IOException, InterruptedException {
    long nanos = station.statistics().toNanos();
    long next = System.nanoTime() + nanos;
    while (closed.getCount() > 0 && queue.isOpen()) {
      Optional<EventQueue.Event> event = queue.poll(Duration.ZERO);
      List<byte[]> routes = locRib.take();
      for (byte[] route : routes) {
        send(out, route);
      }
      if (event.isEmpty() && routes.isEmpty()) {
        out.flush();
        event = queue.poll(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
      }
      if (event.isPresent()) {
        send(out, event.get(), dump);
      }
      if (System.nanoTime() - next >= 0) {
        next += nanos;
        sendNumbers(out, locRib);
      }
    }
  }

  private void send(OutputStream out, EventQueue.Event event, Dump dump) throws IOException {
    Monitor.Link link = event.link();
    Instant time = event.time();
    switch (event) {
      case EventQueue.Up session -> {
        up.put(link.at(), link);
        send(out, BmpMessage.peerUp(link, time, session.ours(), session.theirs()));
        if (session.found()) {
          for (byte[] update : dump.take(link)) {
            send(out, BmpMessage.route(PeerHeader.of(link), time, update));
          }
        }
      }
      case EventQueue.Down down -> {
        if (up.remove(link.at()) != null) {
          send(out, BmpMessage.peerDown(link, time, down.end()));
        }
      }
      case EventQueue.Message message -> {
        boolean update = !message.sent() && message.type() == Framer.UPDATE;
        if (update && up.containsKey(link.at())) {
          send(out, BmpMessage.route(PeerHeader.of(link), time, message.bytes()));
        }
      }
      case EventQueue.Change _ -> {
        // Stations want to know of sessions that are up.
      }
    }
  }

  private void sendNumbers(OutputStream out, LocRibPeer locRib) throws IOException {
    Map<Family, Integer> chosen = new EnumMap<>(Family.class);
    for (Family family : Family.values()) {
      chosen.put(family, speaker.chosen(family));
    }
    Instant now = Instant.now();
    send(out, locRib.statistics(now, chosen));
    for (PeerStatus status : speaker.peers()) {
      Monitor.Link link = up.get(status.at());
      if (link != null) {
        send(out, BmpMessage.statistics(link, now, status, chosen));
      }
    }
  }

  private void send(OutputStream out, byte[] message) throws IOException {
    out.write(message);
    messages.incrementAndGet();
  }

  /** Says goodbye to the station. */
  @Override
  public void close() {
    closed.countDown();
    queue.shut();
    try {
      thread.join(CLOSE_PATIENCE);
      hangUp();
      thread.join(CLOSE_PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
