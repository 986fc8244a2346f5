package io.denim.store.kubernetes;

/** What an {@link ObjectWatch} reports. */
public sealed interface WatchEvent<T> {
  /** An object was created or changed. */
  record Put<T>(T object) implements WatchEvent<T> {}

  /**
   * An object was deleted.
   *
   * @param object as it was at its end, its version being that of the deletion
   */
  record Deleted<T>(T object) implements WatchEvent<T> {}

  /** The server answers; what has happened meanwhile follows. */
  record Heard<T>() implements WatchEvent<T> {}

  /**
   * The server cannot be heard at the moment; the watch goes on by itself. Until {@link Heard} told
   * again only for another reason.
   *
   * @param reason in words for a person
   */
  record Interrupted<T>(String reason) implements WatchEvent<T> {}

  /**
   * The watch is over, because what happened since its beginning is no longer known.
   *
   * @param reason in words for a log
   */
  record Expired<T>(String reason) implements WatchEvent<T> {}
}
