package io.denim.bgp.policy;

import io.denim.bgp.wire.AttributeSet;

/** What a policy says about a route. */
public sealed interface Result {
  /** The rule that decided; {@link Policy#OTHERWISE} when none did. */
  String rule();

  /** Whether the route goes on. */
  default boolean isAccepted() {
    return this instanceof Accepted;
  }

  /**
   * The route goes on.
   *
   * @param attributes its attributes; the very object that was given when no action changed them
   */
  record Accepted(AttributeSet attributes, String rule) implements Result {}

  /** The route does not go on. */
  record Rejected(String rule) implements Result {}
}
