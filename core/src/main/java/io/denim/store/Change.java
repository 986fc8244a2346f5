package io.denim.store;

/** One step in the history of an embedded store. Revisions are counted by one, from 1. */
sealed interface Change {
  /** The deadline of an entry that stays. */
  long NEVER = Long.MAX_VALUE;

  /** Whose entry. */
  Key key();

  /** The store's revision after this step. */
  long revision();

  /**
   * The entry was written.
   *
   * @param deadline when it expires, in milliseconds since 1970; {@link #NEVER} if it stays
   */
  record Put(Key key, String value, long revision, long deadline) implements Change {}

  /** The entry was deleted or expired. */
  record Delete(Key key, long revision) implements Change {}
}
