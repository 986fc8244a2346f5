package io.denim.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * What an embedded store knows: the entries as they are, and the changes that led there, as far
 * back as the journal keeps them. Written by the store's own thread, read by any; each method is
 * one consistent look.
 */
final class History {
  private static final int SLACK = 64;

  private final Map<String, TreeMap<String, Change.Put>> entries = new HashMap<>();

  /** Also of puts that have been overtaken by others since; they are left out when it is read. */
  private final PriorityQueue<Change.Put> deadlines =
      new PriorityQueue<>((a, b) -> Long.compare(a.deadline(), b.deadline()));

  private List<Change> changes = new ArrayList<>();
  private long base;
  private long revision;
  private long life;
  private int count;
  private boolean closed;

  /**
   * How far a watch has come.
   *
   * @param life which life of the store; a new one begins when the history breaks off
   * @param revision the last revision that was seen
   */
  record Cursor(long life, long revision) {}

  /** What a watch finds at its next look. */
  sealed interface Next {
    /** New changes, and where the watch is after them. */
    record Changes(List<Change> changes, Cursor after) implements Next {}

    /** The history does not reach back to the cursor. */
    record Gap(String reason) implements Next {}

    /** The store or the watch is closed. */
    record Closed() implements Next {}
  }

  /** Begins a new life: these are the entries at a revision, and nothing before is known. */
  synchronized void restart(long atRevision, List<Change> snapshot) {
    entries.clear();
    deadlines.clear();
    changes = new ArrayList<>();
    count = 0;
    snapshot.forEach(this::enter);
    base = atRevision;
    revision = atRevision;
    life++;
    notifyAll();
  }

  /** Goes on by these changes, which follow the present revision without a gap. */
  synchronized void apply(List<Change> next) {
    for (Change change : next) {
      if (change.revision() != revision + 1) {
        throw new CorruptException(
            "the journal goes from revision %d to %d; restore it"
                .formatted(revision, change.revision()));
      }
      enter(change);
      changes.add(change);
      revision = change.revision();
    }
    notifyAll();
  }

  private void enter(Change change) {
    Key key = change.key();
    TreeMap<String, Change.Put> collection =
        entries.computeIfAbsent(key.collection(), name -> new TreeMap<>());
    Change.Put before = collection.remove(key.name());
    if (before != null) {
      count--;
    }
    if (change instanceof Change.Put put) {
      collection.put(key.name(), put);
      count++;
      if (put.deadline() != Change.NEVER) {
        deadlines.add(put);
      }
    }
    if (deadlines.size() > 2 * count + SLACK) {
      deadlines.removeIf(put -> !stands(put));
    }
  }

  /** Whether this put is what its entry holds. */
  private boolean stands(Change.Put put) {
    Optional<Change.Put> now = find(put.key());
    return now.isPresent() && now.get().revision() == put.revision();
  }

  /** Forgets the changes up to a revision. */
  synchronized void forget(long upTo) {
    if (upTo > base) {
      changes = new ArrayList<>(changes.subList((int) (upTo - base), changes.size()));
      base = upTo;
    }
  }

  synchronized void close() {
    closed = true;
    notifyAll();
  }

  synchronized long revision() {
    return revision;
  }

  /** The number of entries. */
  synchronized int count() {
    return count;
  }

  /** The changes that are remembered. */
  synchronized List<Change> changes() {
    return List.copyOf(changes);
  }

  /** How many changes are remembered. */
  synchronized int remembered() {
    return changes.size();
  }

  /** The entry, expired or not. */
  synchronized Optional<Change.Put> find(Key key) {
    TreeMap<String, Change.Put> collection = entries.get(key.collection());
    return collection == null ? Optional.empty() : Optional.ofNullable(collection.get(key.name()));
  }

  /** The entries that have expired by this time, in milliseconds since 1970. */
  synchronized List<Change.Put> expired(long now) {
    List<Change.Put> due = new ArrayList<>();
    while (nextDeadline() <= now) {
      due.add(deadlines.remove());
    }
    // They stay due until their deletion is entered.
    deadlines.addAll(due);
    return due;
  }

  /** When the next entry expires; {@link Change#NEVER} if none does. */
  synchronized long nextDeadline() {
    Change.Put next = deadlines.peek();
    while (next != null && !stands(next)) {
      deadlines.remove();
      next = deadlines.peek();
    }
    return next == null ? Change.NEVER : next.deadline();
  }

  /** The entries of a collection that have not expired. */
  synchronized Listing list(String collection, long now) {
    List<Entry> listed = new ArrayList<>();
    TreeMap<String, Change.Put> found = entries.get(collection);
    if (found != null) {
      for (Change.Put put : found.values()) {
        if (put.deadline() > now) {
          listed.add(entry(put, now));
        }
      }
    }
    return new Listing(listed, new Revision(Long.toString(revision)));
  }

  /** A cursor at this revision. */
  synchronized Cursor cursor(long atRevision) {
    return new Cursor(life, atRevision);
  }

  /** Lets all that wait look again whether they are still wanted. */
  synchronized void wakeAll() {
    notifyAll();
  }

  /** Waits until there is something behind the cursor, or until nobody wants it any more. */
  synchronized Next await(Cursor cursor, BooleanSupplier wanted) throws InterruptedException {
    while (!closed && wanted.getAsBoolean() && cursor.life == life && cursor.revision == revision) {
      wait();
    }
    if (closed || !wanted.getAsBoolean()) {
      return new Next.Closed();
    }
    if (cursor.life != life || cursor.revision > revision) {
      return new Next.Gap("the store was replaced, or this watch fell far behind");
    }
    if (cursor.revision < base) {
      return new Next.Gap(
          "revision %d is older than the history, which begins at %d"
              .formatted(cursor.revision, base));
    }
    List<Change> next =
        List.copyOf(changes.subList((int) (cursor.revision - base), changes.size()));
    return new Next.Changes(next, new Cursor(life, revision));
  }

  /** The entry as others see it at this time. */
  static Entry entry(Change.Put put, long now) {
    Optional<Duration> left =
        put.deadline() == Change.NEVER
            ? Optional.empty()
            : Optional.of(Duration.ofMillis(Math.max(0, put.deadline() - now)));
    return new Entry(put.key(), put.value(), new Revision(Long.toString(put.revision())), left);
  }
}
