package io.denim.store;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a {@link History} equal to the journal: follows what others write and writes itself. Used
 * by the store's own thread only, except where said.
 */
final class Keeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);
  private static final Duration LOCK_PATIENCE = Duration.ofSeconds(10);

  private final Path path;
  private final InstantSource clock;
  private final Retention retention;
  private final History history;
  private final FileMutex mutex;
  private Optional<Journal> journal = Optional.empty();
  private Optional<Frame.Head> followed = Optional.empty();
  private volatile Optional<Journal.Look> known = Optional.empty();

  Keeper(Path path, InstantSource clock, Retention retention, History history, FileMutex mutex) {
    this.path = path;
    this.clock = clock;
    this.retention = retention;
    this.history = history;
    this.mutex = mutex;
  }

  /** Whether the history is what the journal holds; any thread may ask. */
  boolean current() {
    try {
      return Journal.look(path).equals(known);
    } catch (IOException e) {
      throw failed("look at", e);
    }
  }

  /** Reads what others have written, without the lock; unfinished frames are left for later. */
  void follow() {
    careful("read", this::readOn);
  }

  /** As {@link #follow}, and under the lock cuts off what a crashed writer has left. */
  void settle() {
    alone("read", this::prepare);
  }

  /** Commits what the author adds to a draft: durable when this returns. */
  void commit(Consumer<Draft> author) {
    alone(
        "write",
        () -> {
          prepare();
          Draft draft = new Draft(history, clock);
          author.accept(draft);
          List<Change> changes = draft.changes();
          if (!changes.isEmpty()) {
            write(changes);
          }
        });
  }

  /** What may fail half-way. */
  private interface FileWork {
    void run() throws IOException;
  }

  private void alone(String verb, FileWork work) {
    mutex.alone(
        LOCK_PATIENCE,
        () -> {
          careful(verb, work);
          return history.revision();
        });
  }

  private void careful(String verb, FileWork work) {
    boolean done = false;
    try {
      work.run();
      done = true;
    } catch (IOException e) {
      throw failed(verb, e);
    } finally {
      if (!done) {
        // Whatever was read may be half of it: the next attempt opens the file anew.
        forgetFile();
      }
    }
  }

  private void write(List<Change> changes) throws IOException {
    Journal file = journal.isPresent() ? journal.get() : create();
    file.append(Frame.encode(changes));
    history.apply(changes);
    known = Optional.of(file.position());
    if (retention.exceeded(history, file.position().size())) {
      try {
        compact(file);
      } catch (IOException e) {
        LOG.warn("cannot compact {}, which goes on growing: {}", path, e.toString());
      }
    }
  }

  private Journal create() throws IOException {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    Frame.Head head = new Frame.Head(random.nextLong(), random.nextLong(), 0);
    Journal file = Journal.replace(path, head, List.of());
    journal = Optional.of(file);
    followed = Optional.of(head);
    return file;
  }

  /** Under the lock: everything is read and the file ends with a whole frame. */
  private void prepare() throws IOException {
    readOn();
    if (journal.isPresent()) {
      long cut = journal.get().cutTornTail();
      if (cut > 0) {
        LOG.warn("cut {} bytes that a crashed writer left unfinished at the end of {}", cut, path);
      }
    }
  }

  private void readOn() throws IOException {
    Optional<Journal.Look> there = Journal.look(path);
    if (journal.isPresent()) {
      Journal file = journal.get();
      if (file.shrunk()) {
        LOG.error("{} became shorter; somebody else has written to it", path);
        followed = Optional.empty();
      } else {
        history.apply(file.readOn());
        known = Optional.of(file.position());
        Object key = file.position().fileKey();
        if (there.filter(look -> look.fileKey().equals(key)).isPresent()) {
          return;
        }
      }
      forgetFile();
    }
    moveOn();
  }

  /** The path names another file than the one that was followed, or none. */
  private void moveOn() throws IOException {
    Optional<Journal> opened = Journal.open(path);
    if (opened.isEmpty()) {
      if (followed.isPresent()) {
        history.restart(0, List.of());
        followed = Optional.empty();
      }
      return;
    }
    Journal file = opened.get();
    journal = opened;
    Frame.Head head = file.head();
    List<Change> all = file.readOn();
    List<Change> folded = new ArrayList<>(all.size());
    List<Change> later = new ArrayList<>();
    for (Change change : all) {
      (change.revision() <= head.base() ? folded : later).add(change);
    }
    long last = later.isEmpty() ? head.base() : later.getLast().revision();
    long seen = history.revision();
    // Nothing was there, and now somebody has begun.
    boolean begins = followed.isEmpty() && seen == 0;
    boolean same = followed.filter(head::sameStore).isPresent();
    if ((begins || same) && head.base() <= seen && seen <= last) {
      history.apply(later.subList((int) (seen - head.base()), later.size()));
      history.forget(head.base());
    } else {
      history.restart(head.base(), folded);
      history.apply(later);
    }
    followed = Optional.of(head);
    known = Optional.of(file.position());
  }

  /** Folds the older part of the history into a snapshot. */
  private void compact(Journal file) throws IOException {
    long base = retention.newBase(history);
    Journal whole =
        Journal.open(path).orElseThrow(() -> new IOException(path + " vanished under the lock"));
    List<Change> all;
    try (whole) {
      all = whole.readOn();
    }
    Map<Key, Change> entries = new LinkedHashMap<>();
    List<Change> kept = new ArrayList<>();
    for (Change change : all) {
      switch (change) {
        case Change c when c.revision() > base -> kept.add(c);
        case Change.Put put -> entries.put(put.key(), put);
        case Change.Delete delete -> entries.remove(delete.key());
      }
    }
    List<Change> content = new ArrayList<>(entries.values());
    content.addAll(kept);
    Frame.Head old = file.head();
    Journal next = Journal.replace(path, new Frame.Head(old.idHigh(), old.idLow(), base), content);
    next.readOn();
    forgetFile();
    journal = Optional.of(next);
    known = Optional.of(next.position());
    history.forget(base);
    LOG.debug("compacted {}: {} entries, history from revision {}", path, entries.size(), base);
  }

  private void forgetFile() {
    try {
      if (journal.isPresent()) {
        journal.get().close();
      }
    } catch (IOException e) {
      LOG.debug("closing {}", path, e);
    } finally {
      journal = Optional.empty();
      known = Optional.empty();
    }
  }

  private UnavailableException failed(String verb, IOException cause) {
    return new UnavailableException(
        "cannot %s the store's journal %s: %s".formatted(verb, path, cause), cause);
  }

  @Override
  public void close() {
    forgetFile();
  }
}
