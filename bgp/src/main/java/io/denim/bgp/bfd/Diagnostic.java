package io.denim.bgp.bfd;

/**
 * Why a session last changed its state, as its end tells it (RFC 5880 4.1).
 *
 * @param code five bits
 */
public record Diagnostic(int code) {
  /** Nothing went wrong. */
  public static final Diagnostic NONE = new Diagnostic(0);

  /** No packet came for a detection time. */
  public static final Diagnostic TIME_EXPIRED = new Diagnostic(1);

  /** The other end said that it is down. */
  public static final Diagnostic NEIGHBOUR_DOWN = new Diagnostic(3);

  /** An administrator did it. */
  public static final Diagnostic ADMINISTRATIVE = new Diagnostic(7);

  /** Checks the range. */
  public Diagnostic {
    if (code < 0 || code > 31) {
      throw new IllegalArgumentException("a diagnostic is 0 to 31, got " + code);
    }
  }

  /** For people. */
  public String words() {
    return switch (code) {
      case 0 -> "nothing wrong";
      case 1 -> "no packet for a detection time";
      case 2 -> "echoes failed";
      case 3 -> "the other end said it is down";
      case 4 -> "the forwarding plane was reset";
      case 5 -> "the path is down";
      case 6 -> "a path joined to this one is down";
      case 7 -> "an administrator took it down";
      case 8 -> "a path joined to the other direction is down";
      case 9 -> "connected to the wrong place";
      default -> "reason " + code + ", which has no name yet";
    };
  }

  @Override
  public String toString() {
    return words();
  }
}
