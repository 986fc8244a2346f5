package io.denim.store;

/** What a {@link Watch} reports. */
public sealed interface Event {
  /**
   * An entry was created or replaced.
   *
   * @param entry the entry after it
   */
  record Put(Entry entry) implements Event {}

  /**
   * An entry was deleted, or its time to live ran out.
   *
   * @param key the entry's name
   * @param revision the point in the store's history
   */
  record Deleted(Key key, Revision revision) implements Event {}

  /**
   * The watch cannot go on, because what happened since its revision is no longer known. It is the
   * watch's last event: list again, and watch from that listing.
   *
   * @param reason in words for a log
   */
  record Lost(String reason) implements Event {}
}
