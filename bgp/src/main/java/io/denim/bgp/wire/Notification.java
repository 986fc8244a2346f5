package io.denim.bgp.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Why a session ends (RFC 4271 section 4.5). Immutable.
 *
 * <p>What a Cease of shutdown or reset says in words (RFC 9003) is shown as text only when it is
 * well-formed, and as hexadecimal otherwise: it is foreign and never a reason to fail.
 */
public final class Notification {
  /** Error code: the session is ended on purpose. */
  public static final int CEASE = 6;

  private static final int HARD_RESET = 9;

  private static final int MAX_COMMUNICATION = 255;
  private static final int FIXED = Framer.HEADER_LENGTH + 2;

  private final int code;
  private final int subcode;
  private final byte[] data;

  private Notification(int code, int subcode, byte[] data) {
    this.code = code;
    this.subcode = subcode;
    this.data = data;
  }

  /** One with this data, of which no more is kept than a message holds. */
  public static Notification of(int code, int subcode, byte... data) {
    int kept = Math.min(data.length, Framer.MAX_LENGTH - FIXED);
    return new Notification(code & 0xff, subcode & 0xff, Arrays.copyOf(data, kept));
  }

  /**
   * A Cease with a text for the other side's operator; cut at 255 octets of UTF-8.
   *
   * @param subcode 2 shutdown or 4 reset
   */
  public static Notification cease(int subcode, String communication) {
    byte[] text = communication.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(text.length, MAX_COMMUNICATION);
    while (length < text.length && (text[length] & 0xc0) == 0x80) {
      length--;
    }
    byte[] data = new byte[1 + length];
    data[0] = (byte) length;
    System.arraycopy(text, 0, data, 1, length);
    return of(CEASE, subcode, data);
  }

  /**
   * Reads a whole message.
   *
   * @throws Malformed 1/2 when it is shorter than 21 octets
   */
  public static Notification parse(byte[] buf, int off, int length) {
    Framer.checkLength(buf, off, length, Framer.NOTIFICATION);
    int at = off + Framer.HEADER_LENGTH;
    return of(buf[at], buf[at + 1], Arrays.copyOfRange(buf, at + 2, off + length));
  }

  /** The whole message. */
  public byte[] encode() {
    byte[] message = Framer.message(Framer.NOTIFICATION, 2 + data.length);
    message[Framer.HEADER_LENGTH] = (byte) code;
    message[Framer.HEADER_LENGTH + 1] = (byte) subcode;
    System.arraycopy(data, 0, message, FIXED, data.length);
    return message;
  }

  /** The error code. */
  public int code() {
    return code;
  }

  /** The error subcode, 0 if there is none. */
  public int subcode() {
    return subcode;
  }

  /** The data, a new array each time. */
  public byte[] data() {
    return data.clone();
  }

  /**
   * The shutdown communication, if this is a Cease of shutdown or reset that has one, or a hard
   * reset for such a reason.
   */
  public Optional<String> communication() {
    if (isHardReset() && data.length >= 2) {
      return reason().communication();
    }
    if (code != CEASE || (subcode != 2 && subcode != 4) || data.length == 0) {
      return Optional.empty();
    }
    int length = data[0] & 0xff;
    if (length != data.length - 1) {
      return Optional.of(Octets.hex(data, 0, data.length));
    }
    return length == 0 ? Optional.empty() : Optional.of(Octets.text(data, 1, length));
  }

  /**
   * A Cease after which no routes stay, whatever was agreed (RFC 8538 3.1).
   *
   * @param reason the NOTIFICATION that it would have been
   */
  public static Notification hardReset(Notification reason) {
    byte[] data = new byte[2 + reason.data.length];
    data[0] = (byte) reason.code;
    data[1] = (byte) reason.subcode;
    System.arraycopy(reason.data, 0, data, 2, reason.data.length);
    return new Notification(CEASE, HARD_RESET, data);
  }

  /** Whether no routes stay after it, whatever was agreed. */
  public boolean isHardReset() {
    return code == CEASE && subcode == HARD_RESET;
  }

  /** What a hard reset would have been without RFC 8538. */
  private Notification reason() {
    return of(data[0] & 0xff, data[1] & 0xff, Arrays.copyOfRange(data, 2, data.length));
  }

  /** What its numbers mean, in plain words; of a hard reset also those of the reason. */
  public String name() {
    return isHardReset() && data.length >= 2
        ? "hard reset: " + reason().name()
        : NotificationNames.of(code, subcode);
  }

  /** What it means, in plain words, with the communication or the data. */
  public String words() {
    if (isHardReset() && data.length >= 2) {
      return "hard reset: " + reason().words();
    }
    String name = name();
    Optional<String> communication = communication();
    if (communication.isPresent()) {
      return name + ": \"" + communication.get() + "\"";
    }
    boolean silent = data.length == 0 || (code == CEASE && data.length == 1);
    return silent ? name : name + ", data " + Octets.hex(data, 0, data.length);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Notification notification
        && code == notification.code
        && subcode == notification.subcode
        && Arrays.equals(data, notification.data);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * code + subcode) + Arrays.hashCode(data);
  }

  /** Numbers and words. */
  @Override
  public String toString() {
    return code + "/" + subcode + " " + words();
  }
}
