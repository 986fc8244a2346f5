package io.denim.bgp.bfd;

/** States of a session (RFC 5880 4.1, 6.2). */
public enum BfdState {
  /** Held down by an administrator. */
  ADMIN_DOWN(0, "held down by an administrator"),

  /** The peer is not heard, or was just lost. */
  DOWN(1, "down"),

  /** The peer is heard, but does not hear this side yet. */
  INIT(2, "coming up"),

  /** Both hear each other. */
  UP(3, "up");

  private final int code;
  private final String words;

  BfdState(int code, String words) {
    this.code = code;
    this.words = words;
  }

  /** The two bits of a packet. */
  int code() {
    return code;
  }

  static BfdState of(int code) {
    return switch (code & 3) {
      case 0 -> ADMIN_DOWN;
      case 1 -> DOWN;
      case 2 -> INIT;
      default -> UP;
    };
  }

  /** For people. */
  public String words() {
    return words;
  }

  /** The state that follows when the peer says it is in this one (RFC 5880 6.8.6). */
  BfdState after(BfdState peer) {
    return switch (this) {
      case ADMIN_DOWN -> ADMIN_DOWN;
      case DOWN ->
          switch (peer) {
            case DOWN -> INIT;
            case INIT -> UP;
            case ADMIN_DOWN, UP -> DOWN;
          };
      case INIT ->
          switch (peer) {
            case ADMIN_DOWN -> DOWN;
            case DOWN -> INIT;
            case INIT, UP -> UP;
          };
      case UP ->
          switch (peer) {
            case ADMIN_DOWN, DOWN -> DOWN;
            case INIT, UP -> UP;
          };
    };
  }
}
