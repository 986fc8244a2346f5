package io.denim.bgp.mrt;

import io.denim.bgp.speaker.EventQueue;
import io.denim.bgp.speaker.Monitor;
import io.denim.bgp.speaker.Monitors;
import io.denim.bgp.wire.Framer;
import io.denim.bgp.wire.Malformed;
import io.denim.bgp.wire.Negotiated;
import io.denim.bgp.wire.UpdateReader;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what sessions of a speaker say, both ways and in the order in which it comes and leaves,
 * into an MRT file while the speaker runs, as a part of a report about it. Ends by itself when the
 * file is as long as it may be. A disk that is slow does not hold up the speaker: what it cannot
 * take is left out, and counted.
 */
public final class Capture implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Capture.class);

  /** What may wait for the disk. */
  private static final long WAITING = 8 << 20;

  private static final long PATIENCE = TimeUnit.SECONDS.toMillis(5);
  private static final int AS_TRANS = 23456;
  private static final int ESTABLISHED = 6;
  private static final int OPEN_CONFIRM = 5;

  private final Monitors monitors;
  private final Target target;
  private final MrtWriter out;
  private final EventQueue queue;
  private final UpdateReader reader = new UpdateReader();
  private final Thread thread;
  private final AtomicLong gaps = new AtomicLong();
  private final AtomicLong records = new AtomicLong();
  private volatile long octets;
  private volatile boolean full;
  private volatile boolean closed;
  private volatile String failure = "";

  /**
   * How far a capture has come.
   *
   * @param records in the file
   * @param octets in the file
   * @param gaps how often the disk was too slow and messages are missing
   * @param full whether it has ended because the file is as long as it may be
   * @param failure why it has ended; empty if nothing went wrong
   */
  public record Status(long records, long octets, long gaps, boolean full, String failure) {}

  /**
   * Where a capture goes.
   *
   * @param name of it, for people
   * @param stream is closed with it
   * @param mostOctets that may be written
   */
  public record Target(String name, OutputStream stream, long mostOctets) {}

  private Capture(Monitors monitors, Target target, Predicate<Monitor.Link> sessions) {
    this.monitors = monitors;
    this.target = target;
    out = new MrtWriter(new BufferedOutputStream(target.stream(), 1 << 16));
    queue = new EventQueue(WAITING, sessions, true, this::overflow);
    thread = Thread.ofVirtual().name("bgp capture").unstarted(this::run);
  }

  /**
   * Begins to write all sessions into a file.
   *
   * @param monitors of the speaker
   * @param file is made, or overwritten
   * @param mostOctets of the file
   * @throws IOException when the file cannot be written
   */
  public static Capture start(Monitors monitors, Path file, long mostOctets) throws IOException {
    OutputStream stream = Files.newOutputStream(file);
    return start(monitors, new Target(file.toString(), stream, mostOctets), _ -> true);
  }

  /**
   * Begins to write. Of sessions that are up already it begins with both OPENs.
   *
   * @param monitors of the speaker
   * @param sessions which
   */
  public static Capture start(Monitors monitors, Target target, Predicate<Monitor.Link> sessions) {
    Capture capture = new Capture(monitors, target, sessions);
    capture.queue.open();
    capture.thread.start();
    monitors.add(capture.queue);
    return capture;
  }

  /** How far it has come. */
  public Status status() {
    return new Status(records.get(), octets, gaps.get(), full, failure);
  }

  private void overflow() {
    gaps.incrementAndGet();
    queue.open();
  }

  private void run() {
    try (out) {
      boolean more = true;
      while (more) {
        Optional<EventQueue.Event> event = queue.poll(Duration.ZERO);
        if (event.isEmpty()) {
          out.flush();
          octets = out.octets();
          event = queue.poll(Duration.ofMinutes(1));
        }
        more = event.isPresent() ? write(event.get()) : !closed;
      }
      octets = out.octets();
    } catch (IOException e) {
      failure = String.valueOf(e.getMessage());
      LOG.info("the capture into {} ends: {}", target.name(), failure);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      monitors.remove(queue);
      queue.shut();
    }
  }

  private boolean write(EventQueue.Event event) throws IOException {
    for (MrtRecord each : records(event)) {
      byte[] encoded = MrtWriter.encode(each);
      if (out.octets() + encoded.length > target.mostOctets()) {
        full = true;
        LOG.info("the capture into {} ends: it has {} octets", target.name(), out.octets());
        return false;
      }
      out.write(encoded);
      records.incrementAndGet();
    }
    return true;
  }

  private List<MrtRecord> records(EventQueue.Event event) {
    Monitor.Link link = event.link();
    Instant time = event.time();
    List<MrtRecord> records = new ArrayList<>();
    switch (event) {
      case EventQueue.Message(var _, var _, boolean sent, byte[] bytes) ->
          records.add(message(link, time, sent, bytes));
      case EventQueue.Change change ->
          records.add(state(link, time, change.before().number(), change.after().number()));
      case EventQueue.Up up -> {
        // Who saw it come up has seen the OPENs.
        if (up.found()) {
          records.add(message(link, time, true, up.ours()));
          records.add(message(link, time, false, up.theirs()));
          records.add(state(link, time, OPEN_CONFIRM, ESTABLISHED));
        }
      }
      case EventQueue.Down _ -> {
        // Its NOTIFICATION and its state have been seen.
      }
    }
    return records;
  }

  private MrtRecord message(Monitor.Link link, Instant time, boolean sent, byte[] bytes) {
    boolean update = Framer.type(bytes, 0) == Framer.UPDATE;
    Optional<Negotiated> way = sent ? link.told() : link.agreed();
    boolean addPath = update && way.map(all -> hasPathIds(all, bytes)).orElse(false);
    boolean four = hasFourOctets(link);
    return new MrtRecord.Message(
        time, true, new MrtRecord.Form(four, sent, addPath), session(link, four), Bytes.of(bytes));
  }

  /** Whether prefixes have path identifiers, which may be agreed for one family alone. */
  private boolean hasPathIds(Negotiated way, byte[] update) {
    if (way.addPathV4() == way.addPathV6()) {
      return way.addPathV4();
    }
    try {
      reader.read(update, 0, update.length, way);
    } catch (Malformed e) {
      // Who reads it fails at it as well, whatever it is said to be.
      return true;
    }
    return way.addPath(reader.reach().isEmpty() ? reader.unreachFamily() : reader.reachFamily());
  }

  private static MrtRecord state(Monitor.Link link, Instant time, int before, int after) {
    return new MrtRecord.StateChange(time, true, true, session(link, true), before, after);
  }

  private static boolean hasFourOctets(Monitor.Link link) {
    return link.agreed().map(Negotiated::fourOctetAs).orElse(true);
  }

  private static MrtRecord.Session session(Monitor.Link link, boolean fourOctetAs) {
    return new MrtRecord.Session(
        as(link.as(), fourOctetAs),
        as(link.localAs(), fourOctetAs),
        0,
        link.address(),
        link.local());
  }

  private static long as(long number, boolean fourOctets) {
    return fourOctets || number <= 0xffff ? number : AS_TRANS;
  }

  /** Writes what waits, and closes the file. */
  @Override
  public void close() {
    closed = true;
    monitors.remove(queue);
    queue.shut();
    try {
      thread.join(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
