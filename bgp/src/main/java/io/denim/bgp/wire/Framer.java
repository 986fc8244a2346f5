package io.denim.bgp.wire;

import java.util.Arrays;

/**
 * Cuts a stream of octets into messages (RFC 4271 sections 4.1 and 6.1): each begins with 16 octets
 * of ones, the length of the whole and its type. Allocates nothing for what is well-formed.
 */
public final class Framer {
  /** Octets of the header, and so the shortest message. */
  public static final int HEADER_LENGTH = 19;

  /** The longest message, header included. */
  public static final int MAX_LENGTH = 4096;

  /** The longest message once both sides agreed on extended messages (RFC 8654). */
  public static final int MAX_EXTENDED_LENGTH = 65535;

  /** Type: {@link Open}. */
  public static final int OPEN = 1;

  /** Type: read by {@link UpdateReader}, written by {@link UpdateEncoder}. */
  public static final int UPDATE = 2;

  /** Type: {@link Notification}. */
  public static final int NOTIFICATION = 3;

  /** Type: the header alone. */
  public static final int KEEPALIVE = 4;

  /** Type: {@link RouteRefresh}. */
  public static final int ROUTE_REFRESH = 5;

  private static final int MARKER_LENGTH = 16;
  private static final int LENGTH_AT = 16;
  private static final int TYPE_AT = 18;

  private Framer() {}

  /**
   * How many octets the message that begins here has. The message is whole as soon as that many are
   * available; a header that is still incomplete needs {@link #HEADER_LENGTH}. What can be judged
   * of an incomplete header is judged, so the outcome does not depend on how the stream was cut.
   *
   * @param available octets there are from {@code off}
   * @param maxLength {@link #MAX_LENGTH} or {@link #MAX_EXTENDED_LENGTH}
   * @throws Malformed 1/1 marker, 1/2 length, 1/3 type
   */
  public static int needed(byte[] buf, int off, int available, int maxLength) {
    for (int i = 0; i < Math.min(available, MARKER_LENGTH); i++) {
      if (buf[off + i] != -1) {
        throw new Malformed(1, 1, "the message does not begin with 16 octets of ones");
      }
    }
    if (available < HEADER_LENGTH) {
      return HEADER_LENGTH;
    }
    int length = Octets.int16(buf, off + LENGTH_AT);
    int type = type(buf, off);
    if (length < HEADER_LENGTH || length > maxLength) {
      throw badLength(buf, off, "a message of " + length + " octets");
    }
    if (type < OPEN || type > ROUTE_REFRESH) {
      byte[] data = {(byte) type};
      throw new Malformed(1, 3, data, "a message of the unknown type " + type);
    }
    if (length < minimum(type) || length > maximum(type, maxLength)) {
      throw badLength(buf, off, "a message of type " + type + " with " + length + " octets");
    }
    return length;
  }

  /** The type of the message whose header begins here. */
  public static int type(byte[] buf, int off) {
    return buf[off + TYPE_AT] & 0xff;
  }

  /** A KEEPALIVE, a new array each time. */
  public static byte[] keepalive() {
    return message(KEEPALIVE, 0);
  }

  /** A message with its header filled in and room for the body. */
  static byte[] message(int type, int bodyLength) {
    byte[] message = new byte[HEADER_LENGTH + bodyLength];
    Arrays.fill(message, 0, MARKER_LENGTH, (byte) -1);
    Octets.putInt16(message, LENGTH_AT, message.length);
    message[TYPE_AT] = (byte) type;
    return message;
  }

  /** Fails unless the whole message has the length its type demands. */
  static void checkLength(byte[] buf, int off, int length, int type) {
    if (length < minimum(type)) {
      throw badLength(buf, off, "a message of type " + type + " with " + length + " octets");
    }
  }

  private static Malformed badLength(byte[] buf, int off, String words) {
    return new Malformed(
        1, 2, Arrays.copyOfRange(buf, off + LENGTH_AT, off + LENGTH_AT + 2), words);
  }

  private static int minimum(int type) {
    return switch (type) {
      case OPEN -> 29;
      case UPDATE, ROUTE_REFRESH -> 23;
      case NOTIFICATION -> 21;
      default -> HEADER_LENGTH;
    };
  }

  private static int maximum(int type, int agreed) {
    return switch (type) {
      case OPEN -> MAX_LENGTH;
      case KEEPALIVE -> HEADER_LENGTH;
      default -> agreed;
    };
  }
}
