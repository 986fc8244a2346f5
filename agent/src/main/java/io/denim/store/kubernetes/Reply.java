package io.denim.store.kubernetes;

/** How a change ended. Everything else is an {@link io.denim.store.UnavailableException}. */
public sealed interface Reply<T> {
  /** It is done; the object as it is now. */
  record Done<T>(T object) implements Reply<T> {}

  /**
   * There is no such object.
   *
   * @param message the server's words
   */
  record Missing<T>(String message) implements Reply<T> {}

  /**
   * There is one already, or it has another version.
   *
   * @param message the server's words
   */
  record Conflict<T>(String message) implements Reply<T> {}
}
