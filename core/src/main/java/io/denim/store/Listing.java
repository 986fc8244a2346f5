package io.denim.store;

import java.util.List;

/**
 * All entries of a collection at one point in the store's history.
 *
 * @param entries the entries, by name
 * @param revision that point; a watch from it misses nothing
 */
public record Listing(List<Entry> entries, Revision revision) {
  /** Copies the list. */
  public Listing {
    entries = List.copyOf(entries);
  }
}
