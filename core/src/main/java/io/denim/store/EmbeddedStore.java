package io.denim.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store in a directory of one machine, for the lab and for single hosts. Any number of processes
 * and of objects in one JVM may use the directory at once.
 *
 * <p>Cost: a write is one append and one fsync, shared by those who write at the same time; a read
 * is one look at the file's length. Memory holds all entries and the recent history (a few thousand
 * changes). While nothing happens nothing runs, but for a look every {@value #SLOW_POLL_MILLIS} ms.
 *
 * <p>Times to live are measured on the clock that is handed in, which must be the same for all who
 * use the directory; an entry is gone at its deadline, and the deletion is reported a few
 * hundredths of a second later.
 */
public final class EmbeddedStore implements Store {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedStore.class);
  private static final long SLOW_POLL_MILLIS = 5000;

  /** Spreads the processes that see the same entry expire. */
  private static final long EXPIRY_SPREAD_MILLIS = 30;

  /** Together with the limits of key and value, this keeps a batch below the longest frame. */
  private static final int LARGEST_BATCH = 60;

  private static final int LARGEST_VALUE = 1 << 20;
  private static final int LARGEST_KEY = 1024;
  private static final long STOP_PATIENCE_MILLIS = 5000;

  private final Path directory;
  private final InstantSource clock;
  private final History history = new History();
  private final FileMutex mutex;
  private final Keeper keeper;
  private final Doorbell bell;
  private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
  private final AtomicBoolean wakePending = new AtomicBoolean();
  private final Thread thread;
  private volatile boolean closed;

  /**
   * Opens the store of a directory, which is made if it is missing.
   *
   * @param clock what times to live are measured on
   * @throws UnavailableException when the directory or its files cannot be used
   */
  public EmbeddedStore(Path directory, InstantSource clock) {
    this(directory, clock, Retention.USUAL);
  }

  EmbeddedStore(Path directory, InstantSource clock, Retention retention) {
    this.directory = directory;
    this.clock = clock;
    Path journal = directory.resolve("journal");
    try {
      if (!Files.isDirectory(directory)) {
        // Configurations hold keys, such as wireguard's.
        Files.createDirectories(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
    } catch (IOException e) {
      throw new UnavailableException("cannot make the store's folder " + directory + ": " + e, e);
    }
    mutex = FileMutex.open(directory.resolve("lock"));
    bell = Doorbell.hang(directory, journal, this::wake);
    keeper = new Keeper(journal, clock, retention, history, mutex);
    thread = Thread.ofPlatform().daemon().name("denim-store").unstarted(this::run);
    thread.start();
    wake();
  }

  @Override
  public Optional<Entry> get(Key key) {
    refresh("get " + key);
    long now = clock.millis();
    Optional<Change.Put> found = history.find(key);
    if (found.isPresent() && found.get().deadline() <= now) {
      wake();
      return Optional.empty();
    }
    return found.map(put -> History.entry(put, now));
  }

  @Override
  public Listing list(String collection) {
    refresh("list " + collection);
    long now = clock.millis();
    if (history.nextDeadline() <= now) {
      wake();
    }
    return history.list(collection, now);
  }

  @Override
  public Watch watch(String collection, Revision from, Consumer<Event> events) {
    refresh("watch " + collection);
    Follower follower = new Follower(history, clock, collection, events);
    follower.start(history.cursor(number(from)));
    return follower;
  }

  private static long number(Revision revision) {
    try {
      return Long.parseLong(revision.token());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "\"" + revision + "\" is no revision of an embedded store, which are numbers", e);
    }
  }

  @Override
  public Entry create(Key key, String value, Lifetime lifetime) {
    checkSize(key, value);
    return put("create " + key, draft -> draft.create(key, value, lifetime));
  }

  @Override
  public Entry replace(Key key, String value, Revision expected, Lifetime lifetime) {
    checkSize(key, value);
    return put(
        "replace " + key + " at revision " + expected,
        draft -> draft.replace(key, value, expected, lifetime));
  }

  @Override
  public void delete(Key key, Revision expected) {
    write("delete " + key + " at revision " + expected, draft -> draft.delete(key, expected));
  }

  private static void checkSize(Key key, String value) {
    int length = value.getBytes(StandardCharsets.UTF_8).length;
    if (length > LARGEST_VALUE || key.toString().length() > LARGEST_KEY) {
      throw new IllegalArgumentException(
          "an embedded store takes keys up to %d characters and values up to %d bytes; %s has %d"
              .formatted(LARGEST_KEY, LARGEST_VALUE, key, length));
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
      throw new IllegalArgumentException("the value of " + key + " has half a surrogate pair");
    }
  }

  private Entry put(String attempted, Function<Draft, Change> decision) {
    return switch (write(attempted, decision)) {
      case Change.Put put -> History.entry(put, clock.millis());
      case Change.Delete delete -> throw new IllegalStateException(attempted + " deleted");
    };
  }

  private Change write(String attempted, Function<Draft, Change> decision) {
    Request.Answer<Change> answer = new Request.Answer<>();
    ask(attempted, new Request.Write(decision, answer));
    return answer.await(attempted);
  }

  private void refresh(String attempted) {
    if (closed || !keeper.current()) {
      Request.Answer<Boolean> answer = new Request.Answer<>();
      ask(attempted, new Request.Sync(answer));
      answer.await(attempted);
    }
  }

  private void ask(String attempted, Request request) {
    requests.add(request);
    if (closed) {
      throw new UnavailableException(attempted + ": the store in " + directory + " is closed");
    }
  }

  private void wake() {
    if (wakePending.compareAndSet(false, true)) {
      requests.add(new Request.Wake());
    }
  }

  private void run() {
    boolean troubled = false;
    boolean running = true;
    while (running) {
      List<Request> batch = nextBatch();
      running = batch.stream().noneMatch(Request.Stop.class::isInstance);
      try {
        serve(batch);
        troubled = false;
      } catch (RuntimeException e) {
        refuse(batch, e instanceof StoreException known ? known : broken(e));
        if (!troubled) {
          LOG.error("store in {}: {}", directory, e.getMessage(), e);
          troubled = true;
        }
      }
    }
    List<Request> rest = new ArrayList<>();
    requests.drainTo(rest);
    refuse(rest, new UnavailableException("the store in " + directory + " is closed"));
  }

  private UnavailableException broken(RuntimeException e) {
    return new UnavailableException("the store in " + directory + " failed: " + e, e);
  }

  private List<Request> nextBatch() {
    List<Request> batch = new ArrayList<>();
    try {
      Request first = requests.poll(pauseMillis(), TimeUnit.MILLISECONDS);
      batch.add(first == null ? new Request.Wake() : first);
    } catch (InterruptedException e) {
      batch.add(new Request.Stop());
    }
    requests.drainTo(batch, LARGEST_BATCH - 1);
    wakePending.set(false);
    return batch;
  }

  private long pauseMillis() {
    long next = history.nextDeadline();
    if (next == Change.NEVER) {
      return SLOW_POLL_MILLIS;
    }
    long spread = ThreadLocalRandom.current().nextLong(1, EXPIRY_SPREAD_MILLIS);
    return Math.clamp(next - clock.millis() + spread, 1, SLOW_POLL_MILLIS);
  }

  private void serve(List<Request> batch) {
    List<Request.Write> writes = new ArrayList<>();
    List<Request.Sync> syncs = new ArrayList<>();
    for (Request request : batch) {
      switch (request) {
        case Request.Write write -> writes.add(write);
        case Request.Sync sync -> syncs.add(sync);
        case Request.Wake wake -> {}
        case Request.Stop stop -> {}
      }
    }
    if (writes.isEmpty()) {
      keeper.follow();
      if (!syncs.isEmpty() && !keeper.current()) {
        keeper.settle();
      }
      if (!history.expired(clock.millis()).isEmpty()) {
        commit(List.of());
      }
    } else {
      commit(writes);
    }
    syncs.forEach(sync -> sync.answer().give(true));
  }

  private void commit(List<Request.Write> writes) {
    List<Runnable> answers = new ArrayList<>();
    keeper.commit(draft -> {
      for (Request.Write write : writes) {
        try {
          Change change = write.decision().apply(draft);
          answers.add(() -> write.answer().give(change));
        } catch (ConflictException | NotFoundException e) {
          write.answer().refuse(e);
        }
      }
    });
    answers.forEach(Runnable::run);
    bell.ring();
  }

  private static void refuse(List<Request> batch, StoreException reason) {
    for (Request request : batch) {
      switch (request) {
        case Request.Write write -> write.answer().refuse(reason);
        case Request.Sync sync -> sync.answer().refuse(reason);
        case Request.Wake wake -> {}
        case Request.Stop stop -> {}
      }
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    requests.add(new Request.Stop());
    try {
      thread.join(STOP_PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    history.close();
    bell.close();
    keeper.close();
    mutex.close();
  }
}
