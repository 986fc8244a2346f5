package io.denim.bgp.config;

/** Which AS number a peer's OPEN may show (RFC 4271 6.2). */
public sealed interface RemoteAs {
  /** The AS of this speaker, whichever that is on the session: an iBGP peer. */
  static RemoteAs internal() {
    return new Internal();
  }

  /** Any other AS than that of this speaker: an eBGP peer. */
  static RemoteAs external() {
    return new External();
  }

  /** Only this number; internal when it is the speaker's own. */
  static RemoteAs of(long number) {
    return new Exactly(number);
  }

  /**
   * Whether a peer may be of this AS.
   *
   * @param remote the number that the peer shows
   * @param local this speaker's own number on the session
   */
  default boolean accepts(long remote, long local) {
    return switch (this) {
      case Exactly(long number) -> number == remote;
      case Internal() -> remote == local;
      case External() -> remote != local;
    };
  }

  /**
   * Whether the session is internal, which is known before the peer has said anything.
   *
   * @param local this speaker's own number on the session
   */
  default boolean isInternal(long local) {
    return switch (this) {
      case Exactly(long number) -> number == local;
      case Internal() -> true;
      case External() -> false;
    };
  }

  /** Only this number. */
  record Exactly(long number) implements RemoteAs {
    /** Checks that it is an AS number. */
    public Exactly {
      Bounds.checkAs("a peer's AS", number);
    }

    @Override
    public String toString() {
      return Long.toString(number);
    }
  }

  /** The speaker's own. */
  record Internal() implements RemoteAs {
    @Override
    public String toString() {
      return "internal";
    }
  }

  /** Any but the speaker's own. */
  record External() implements RemoteAs {
    @Override
    public String toString() {
      return "external";
    }
  }
}
