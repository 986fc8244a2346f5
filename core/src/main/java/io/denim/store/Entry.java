package io.denim.store;

import java.time.Duration;
import java.util.Optional;

/**
 * A key with its value, as it was at one time.
 *
 * @param key the name
 * @param value the text; stores keep it byte for byte as UTF-8
 * @param revision the version of the entry, new with each write; what {@link Store#replace} and
 *     {@link Store#delete} compare
 * @param timeToLive empty when the entry is permanent, otherwise what remained. Where that is a
 *     question of its own (etcd), only {@link Store#get} answers it exactly; listings and events
 *     then carry an upper bound
 */
public record Entry(Key key, String value, Revision revision, Optional<Duration> timeToLive) {
  /** Whether the entry stays until it is deleted. */
  public boolean permanent() {
    return timeToLive.isEmpty();
  }
}
