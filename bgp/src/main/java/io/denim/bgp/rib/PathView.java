package io.denim.bgp.rib;

import io.denim.bgp.wire.AttributeSet;

/**
 * One path to a prefix, for people.
 *
 * @param from whose it is
 * @param pathId the identifier that came with it (RFC 7911); 0 when none did
 * @param kind of a route of the speaker's own; empty otherwise
 * @param received the attributes as they came
 * @param attributes what the import policy made of them; as they came when it refused them
 * @param seconds for how long it has been there
 * @param state what becomes of it
 * @param stale whether it is kept for a peer that is away
 * @param reason why it was chosen, or was not
 */
public record PathView(
    SourceInfo from,
    int pathId,
    String kind,
    AttributeSet received,
    AttributeSet attributes,
    int seconds,
    State state,
    boolean stale,
    String reason) {
  /** What becomes of a path. */
  public enum State {
    /** It is the one that is told to peers. */
    BEST,
    /** Packets may go by it as well as by the best one. */
    EQUAL,
    /** Another one is better. */
    WORSE,
    /** It goes in a circle, or the import policy refused it. */
    LEFT_OUT
  }
}
