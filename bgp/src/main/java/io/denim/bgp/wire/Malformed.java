package io.denim.bgp.wire;

import java.util.Arrays;

/**
 * A message that ends the session: what becomes a {@link Notification} to the peer (RFC 4271
 * section 6). Cheap to throw, since a hostile peer chooses how often: it has no stack trace.
 */
public final class Malformed extends RuntimeException {
  private final int code;
  private final int subcode;
  private final transient byte[] data;

  Malformed(int code, int subcode, byte[] data, String words) {
    super(words, null, false, false);
    this.code = code;
    this.subcode = subcode;
    this.data = data;
  }

  Malformed(int code, int subcode, String words) {
    this(code, subcode, new byte[0], words);
  }

  /** With a part of the message as data, cut where the message ends. */
  static Malformed of(
      int code, int subcode, byte[] message, int from, int to, int end, String words) {
    int last = Math.clamp(to, from, end);
    return new Malformed(code, subcode, Arrays.copyOfRange(message, from, last), words);
  }

  /** The error code of the NOTIFICATION: 1 header, 2 OPEN, 3 UPDATE, 7 ROUTE-REFRESH. */
  public int code() {
    return code;
  }

  /** The error subcode. */
  public int subcode() {
    return subcode;
  }

  /** The data of the NOTIFICATION, never more than was received; a new array each time. */
  public byte[] data() {
    return data.clone();
  }

  /** What is wrong, in plain words. */
  public String words() {
    return String.valueOf(getMessage());
  }

  /** The message that tells the peer. */
  public Notification notification() {
    return Notification.of(code, subcode, data);
  }
}
