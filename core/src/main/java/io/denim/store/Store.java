package io.denim.store;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * Named texts with versions, which several nodes read, watch and change. Every write is either
 * acknowledged and then durable and seen by all later reads, or it throws.
 *
 * <p>All methods may be called by any thread and block until the store has answered. Besides what
 * is said at each, all of them throw {@link UnavailableException} when the store cannot be asked
 * and {@link CorruptException} when what it keeps is damaged.
 */
public interface Store extends AutoCloseable {
  /** The entry as it is now; empty when there is none. */
  Optional<Entry> get(Key key);

  /** All entries of a collection, not those of collections below it. */
  Listing list(String collection);

  /**
   * Reports what happens in a collection after a revision: every change once, in order, one at a
   * time, on a thread of the store's. The watch survives interruptions of the connection; when that
   * is no longer possible it reports {@link Event.Lost} and ends. What the consumer throws is
   * logged, and the watch goes on.
   *
   * @param from a revision of a {@link Listing} of this collection or of an event of this watch's
   *     predecessor
   */
  Watch watch(String collection, Revision from, Consumer<Event> events);

  /**
   * As {@link #watch(String, Revision, Consumer)}, but only of one entry. In a store with a change
   * elsewhere every few milliseconds this is what costs nothing.
   *
   * @param from a revision of a {@link Listing} of the entry's collection
   */
  default Watch watch(Key key, Revision from, Consumer<Event> events) {
    return watch(
        key.collection(),
        from,
        event -> {
          boolean isOfAnother =
              switch (event) {
                case Event.Put(Entry entry) -> !entry.key().equals(key);
                case Event.Deleted(Key gone, _) -> !gone.equals(key);
                case Event.Lost _ -> false;
              };
          if (!isOfAnother) {
            events.accept(event);
          }
        });
  }

  /**
   * Creates an entry that does not exist.
   *
   * @throws ConflictException when it does; it carries the present entry
   */
  Entry create(Key key, String value, Lifetime lifetime);

  /**
   * Replaces an entry that has not changed since {@code expected}. A time to live starts anew.
   *
   * @throws ConflictException when it has changed
   * @throws NotFoundException when it does not exist
   */
  Entry replace(Key key, String value, Revision expected, Lifetime lifetime);

  /**
   * Deletes an entry that has not changed since {@code expected}.
   *
   * @throws ConflictException when it has changed
   * @throws NotFoundException when it does not exist
   */
  void delete(Key key, Revision expected);

  /** Ends all watches and frees what the store holds. */
  @Override
  void close();
}
