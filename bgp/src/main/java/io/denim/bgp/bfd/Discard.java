package io.denim.bgp.bfd;

/** Why a packet was discarded; nothing is said to its sender (RFC 5880 6.8.6). */
public enum Discard implements Received {
  /** Not version 1. */
  VERSION("of another version than 1"),

  /** The length field is too small for what must be there. */
  TOO_SHORT("with a length below the least"),

  /** The length field is larger than the payload. */
  CUT_OFF("longer than what came"),

  /** Detect Mult is 0. */
  MULTIPLIER("with detect multiplier 0"),

  /** The Multipoint bit is set. */
  MULTIPOINT("with the multipoint bit"),

  /** My Discriminator is 0. */
  MY_DISCRIMINATOR("with its own discriminator 0"),

  /** Your Discriminator is 0, but the sender says that it has heard this side. */
  UNADDRESSED("that claims to be heard but names no session"),

  /** No session has Your Discriminator. */
  NO_SUCH_SESSION("for a discriminator that no session has"),

  /** No session has these addresses. */
  NO_SUCH_PEER("from an address with which there is no session"),

  /** For a session of the other port: one hop and several hops do not mix. */
  WRONG_PORT("at the port of the other kind of session"),

  /** Authenticated, which no session is. */
  AUTHENTICATED("with authentication, which is not in use"),

  /** From further away than one hop, or from who does not set its TTL (RFC 5881 5). */
  TTL("with a TTL other than 255"),

  /** The session is held down on this side. */
  HELD_DOWN("for a session that is held down");

  private final String words;

  Discard(String words) {
    this.words = words;
  }

  /** For people, as in "12 packets with a TTL other than 255". */
  public String words() {
    return words;
  }
}
