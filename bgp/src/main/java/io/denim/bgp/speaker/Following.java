package io.denim.bgp.speaker;

import io.denim.bgp.loop.Questions;
import io.denim.bgp.rib.LocRib;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Follows a speaker's best routes (its Loc-RIB, RFC 4271 1.1) for as long as it is open. Made by
 * {@link Speaker#follow}; may be used by any thread, and waits for nothing.
 */
public final class Following implements AutoCloseable {
  private final Questions questions;
  private final long as;
  private final IpAddress routerId;
  private final Map<Family, LocRib> tables = new EnumMap<>(Family.class);

  /** Who is told of them. */
  @FunctionalInterface
  public interface Follower {
    /**
     * A part that was asked for.
     *
     * @param updates at least one, each a whole UPDATE, as {@link LocRib#next} says; the follower
     *     may keep them
     */
    void told(Family family, List<byte[]> updates);
  }

  /** By the speaker's thread. */
  Following(Core core, Follower follower) {
    questions = core.questions();
    as = core.config().as();
    routerId = core.config().routerId();
    for (Family family : Family.values()) {
      tables.put(family, core.rib.follow(family, updates -> follower.told(family, updates)));
    }
  }

  /** The AS of the speaker, as of the beginning. */
  public long as() {
    return as;
  }

  /** The BGP identifier of the speaker, as of the beginning. */
  public IpAddress routerId() {
    return routerId;
  }

  /**
   * Asks for the next part of a family, which comes as soon as there is one: first the whole table
   * in parts with End-of-RIB after the last, then what has become different from what was told.
   */
  public void next(Family family) {
    questions.later(Objects.requireNonNull(tables.get(family))::next);
  }

  /** Nothing more is told, but perhaps a part that is on its way. */
  @Override
  public void close() {
    questions.later(() -> tables.values().forEach(LocRib::end));
  }
}
