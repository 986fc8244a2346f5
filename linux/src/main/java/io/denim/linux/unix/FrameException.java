package io.denim.linux.unix;

import java.time.Duration;

/** A frame could not be received or sent. The connection is of no further use. */
public abstract sealed class FrameException extends RuntimeException {
  private FrameException(String message) {
    super(message);
  }

  /** The peer announced a frame that is longer than is allowed; nothing of it was read. */
  public static final class TooLong extends FrameException {
    TooLong(long length, int largest) {
      super("the peer announces a frame of " + length + " octets; allowed are " + largest);
    }
  }

  /** The peer ended the connection in the middle of a frame. */
  public static final class Truncated extends FrameException {
    Truncated(int received, int expected) {
      super(
          "the peer ended the connection after "
              + received
              + " of "
              + expected
              + " octets of a frame");
    }
  }

  /** The peer neither sent nor took what it should in time. */
  public static final class TimedOut extends FrameException {
    TimedOut(String operation, Duration patience) {
      super("cannot " + operation + " within " + patience.toMillis() + " ms");
    }
  }

  /** The connection is over: the peer, or this end, has closed it. */
  public static final class Gone extends FrameException {
    Gone(String operation) {
      super("cannot " + operation + ": the connection is closed");
    }
  }
}
