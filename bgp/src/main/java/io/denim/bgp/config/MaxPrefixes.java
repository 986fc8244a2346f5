package io.denim.bgp.config;

import java.time.Duration;

/**
 * How many prefixes of a family a peer may announce (RFC 4486 3, RFC 4271 6.7).
 *
 * @param limit the number that is still allowed, counted before the import policy
 * @param action what one more does
 */
public record MaxPrefixes(int limit, Action action) {
  /** Checks that the limit lets something through. */
  public MaxPrefixes {
    Bounds.check("the most prefixes", limit, 1, Integer.MAX_VALUE);
  }

  /** What happens beyond the limit. */
  public sealed interface Action {
    /** Says so. */
    Action WARN = new Warn();

    /** Ends the session until somebody resets it. */
    Action DOWN = new Down();

    /** Says so and takes the prefixes. */
    record Warn() implements Action {}

    /**
     * Ends the session with Cease 6/1.
     *
     * @param after how long until it is tried again
     */
    record Restart(Duration after) implements Action {
      /** Checks that there is a pause. */
      public Restart {
        Bounds.checkPositive("the pause before a restart", after);
      }
    }

    /** Ends the session with Cease 6/1 until somebody resets it. */
    record Down() implements Action {}
  }
}
