package io.denim.bgp.bfd;

/**
 * A control packet (RFC 5880 4.1), without authentication. Intervals are in microseconds and up to
 * 2^32 - 1; discriminators are 32 bits whose sign means nothing.
 *
 * @param state the sender's
 * @param diagnostic why the sender's state last changed
 * @param poll whether the sender wants an answer with the Final bit
 * @param isFinal whether this answers a poll
 * @param controlPlaneIndependent whether the sender's BFD outlives its routing
 * @param demand whether the sender wants no periodic packets while both are up
 * @param multiplier how many of the sender's intervals of silence mean death, 1 to 255
 * @param mine the sender's discriminator, not 0
 * @param yours the receiver's as the sender knows it, 0 when it does not
 * @param desiredTx the interval the sender would like to send at
 * @param requiredRx the least interval the sender can receive at; 0: send nothing
 * @param requiredEchoRx the same for echoes; 0: none
 */
record ControlPacket(
    BfdState state,
    Diagnostic diagnostic,
    boolean poll,
    boolean isFinal,
    boolean controlPlaneIndependent,
    boolean demand,
    int multiplier,
    int mine,
    int yours,
    long desiredTx,
    long requiredRx,
    long requiredEchoRx)
    implements Received {
  /** The mandatory section, and all that is ever sent. */
  static final int LENGTH = 24;

  private static final int VERSION = 1;
  private static final int AUTHENTICATED_LENGTH = 26;
  private static final int POLL = 0x20;
  private static final int FINAL = 0x10;
  private static final int INDEPENDENT = 0x08;
  private static final int AUTHENTICATION = 0x04;
  private static final int DEMAND = 0x02;
  private static final int MULTIPOINT = 0x01;
  private static final long MAX_INTERVAL = 0xffffffffL;

  ControlPacket {
    if (multiplier < 1 || multiplier > 255) {
      throw new IllegalArgumentException("a multiplier is 1 to 255, got " + multiplier);
    }
    if (mine == 0) {
      throw new IllegalArgumentException("the sender's discriminator is not 0");
    }
    if (yours == 0 && (state == BfdState.INIT || state == BfdState.UP)) {
      throw new IllegalArgumentException("who is " + state.words() + " has heard the other end");
    }
    checkInterval(desiredTx);
    checkInterval(requiredRx);
    checkInterval(requiredEchoRx);
  }

  private static void checkInterval(long micros) {
    if (micros < 0 || micros > MAX_INTERVAL) {
      throw new IllegalArgumentException("an interval is 0 to 2^32 - 1 us, got " + micros);
    }
  }

  /**
   * Reads a datagram. Nothing that comes is an error of the program's: what is not a packet is
   * named by the first rule of RFC 5880 6.8.6 that it breaks. What follows the length that the
   * packet claims is ignored.
   *
   * @param data the datagram begins at its start
   * @param length how much of it came
   */
  static Received read(byte[] data, int length) {
    if (length < 4) {
      return Discard.TOO_SHORT;
    }
    int flags = data[1];
    boolean authenticated = (flags & AUTHENTICATION) != 0;
    int claimed = data[3] & 0xff;
    BfdState state = BfdState.of((flags & 0xff) >>> 6);
    if ((data[0] & 0xff) >>> 5 != VERSION) {
      return Discard.VERSION;
    }
    if (claimed < (authenticated ? AUTHENTICATED_LENGTH : LENGTH)) {
      return Discard.TOO_SHORT;
    }
    if (claimed > length) {
      return Discard.CUT_OFF;
    }
    if (data[2] == 0) {
      return Discard.MULTIPLIER;
    }
    if ((flags & MULTIPOINT) != 0) {
      return Discard.MULTIPOINT;
    }
    int mine = int32(data, 4);
    if (mine == 0) {
      return Discard.MY_DISCRIMINATOR;
    }
    int yours = int32(data, 8);
    if (yours == 0 && state != BfdState.DOWN && state != BfdState.ADMIN_DOWN) {
      return Discard.UNADDRESSED;
    }
    if (authenticated) {
      return Discard.AUTHENTICATED;
    }
    return new ControlPacket(
        state,
        new Diagnostic(data[0] & 0x1f),
        (flags & POLL) != 0,
        (flags & FINAL) != 0,
        (flags & INDEPENDENT) != 0,
        (flags & DEMAND) != 0,
        data[2] & 0xff,
        mine,
        yours,
        int32(data, 12) & MAX_INTERVAL,
        int32(data, 16) & MAX_INTERVAL,
        int32(data, 20) & MAX_INTERVAL);
  }

  /** The octets of it, {@link #LENGTH} of them. */
  byte[] encode() {
    byte[] data = new byte[LENGTH];
    data[0] = (byte) (VERSION << 5 | diagnostic.code());
    data[1] =
        (byte)
            (state.code() << 6
                | (poll ? POLL : 0)
                | (isFinal ? FINAL : 0)
                | (controlPlaneIndependent ? INDEPENDENT : 0)
                | (demand ? DEMAND : 0));
    data[2] = (byte) multiplier;
    data[3] = LENGTH;
    put(data, 4, mine);
    put(data, 8, yours);
    put(data, 12, (int) desiredTx);
    put(data, 16, (int) requiredRx);
    put(data, 20, (int) requiredEchoRx);
    return data;
  }

  private static int int32(byte[] from, int at) {
    return (from[at] & 0xff) << 24
        | (from[at + 1] & 0xff) << 16
        | (from[at + 2] & 0xff) << 8
        | (from[at + 3] & 0xff);
  }

  private static void put(byte[] to, int at, int value) {
    to[at] = (byte) (value >>> 24);
    to[at + 1] = (byte) (value >>> 16);
    to[at + 2] = (byte) (value >>> 8);
    to[at + 3] = (byte) value;
  }
}
