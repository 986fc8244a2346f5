package io.denim.store;

/**
 * A point in the history of a store, or the version of an entry. Only the store that gave it can
 * read it; two revisions can be compared for equality and nothing else.
 *
 * @param token the store's own text
 */
public record Revision(String token) {
  @Override
  public String toString() {
    return token;
  }
}
