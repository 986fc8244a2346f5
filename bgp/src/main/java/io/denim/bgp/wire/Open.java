package io.denim.bgp.wire;

import io.denim.net.IpAddress;
import java.util.Arrays;

/**
 * The first message of each side (RFC 4271 section 4.2): who it is and what it can do. Whether that
 * is the expected peer is for the session to judge.
 *
 * @param as the AS: of the four-octet capability if there is one, else of the field
 * @param holdTime seconds, 0 (never) or 3 to 65535
 * @param identifier any 32 bits but 0 (RFC 6286)
 * @param capabilities what it can do
 */
public record Open(long as, int holdTime, int identifier, Capabilities capabilities) {
  private static final int FIXED = 10;
  private static final int VERSION = 4;
  private static final int CAPABILITIES = 2;

  /** Checks the numbers. */
  public Open {
    boolean good = as >= 1 && as <= 0xffffffffL && identifier != 0;
    if (!good || holdTime < 0 || holdTime > 0xffff || holdTime == 1 || holdTime == 2) {
      throw new IllegalArgumentException(
          "an OPEN has an AS of 1 to 4294967295, a hold time of 0 or 3 to 65535 and an identifier"
              + " other than 0, got "
              + as
              + ", "
              + holdTime
              + ", "
              + IpAddress.v4(identifier));
    }
  }

  /**
   * Reads a whole message.
   *
   * @throws Malformed 2/1 version, 2/2 AS 0, 2/3 identifier 0, 2/4 unknown parameter, 2/6 hold
   *     time, 2/11 two roles, 2/0 whatever overruns
   */
  public static Open parse(byte[] buf, int off, int length) {
    Framer.checkLength(buf, off, length, Framer.OPEN);
    int at = off + Framer.HEADER_LENGTH;
    if (buf[at] != VERSION) {
      byte[] supported = {0, VERSION};
      throw new Malformed(2, 1, supported, "BGP version " + (buf[at] & 0xff));
    }
    int as = Octets.int16(buf, at + 1);
    int holdTime = Octets.int16(buf, at + 3);
    int identifier = Octets.int32(buf, at + 5);
    if (as == 0) {
      throw new Malformed(2, 2, new byte[2], "the peer says AS 0");
    }
    if (holdTime == 1 || holdTime == 2) {
      throw new Malformed(
          2, 6, Arrays.copyOfRange(buf, at + 3, at + 5), "a hold time of " + holdTime + " s");
    }
    if (identifier == 0) {
      throw new Malformed(2, 3, new byte[4], "the peer's identifier is 0.0.0.0");
    }
    CapabilityReader reader = new CapabilityReader(buf);
    parameters(buf, at + FIXED, off + length, reader);
    long number = reader.hasFourOctetAs() ? reader.fourOctetAs() : as;
    return new Open(number, holdTime, identifier, reader.capabilities());
  }

  /** The same with other capabilities. */
  public Open with(Capabilities can) {
    return new Open(as, holdTime, identifier, can);
  }

  private static void parameters(byte[] buf, int from, int end, CapabilityReader reader) {
    int said = buf[from - 1] & 0xff;
    boolean extended = said == 255 && end > from && (buf[from] & 0xff) == 255;
    int at = extended ? from + 3 : from;
    if (extended && at <= end) {
      said = Octets.int16(buf, from + 1);
    }
    if (at + said != end) {
      throw new Malformed(2, 0, "the parameters are not as long as the OPEN says");
    }
    int head = extended ? 3 : 2;
    while (at < end) {
      int value = at + head;
      int length = value > end ? 0 : extended ? Octets.int16(buf, at + 1) : buf[at + 1] & 0xff;
      if (value + length > end) {
        throw new Malformed(2, 0, "a parameter runs over the end of the OPEN");
      }
      if (buf[at] != CAPABILITIES) {
        throw Malformed.of(
            2, 4, buf, at, value + length, end, "a parameter of type " + (buf[at] & 0xff));
      }
      reader.parameter(value, value + length);
      at = value + length;
    }
  }

  /**
   * The whole message; in the form of RFC 9072 only if the parameters take more than 255 octets.
   */
  public byte[] encode() {
    byte[] content = new CapabilityWriter().write(capabilities, as);
    boolean extended = content.length + 2 > 255;
    int head = content.length == 0 ? 0 : extended ? 6 : 2;
    byte[] message = Framer.message(Framer.OPEN, FIXED + head + content.length);
    int at = Framer.HEADER_LENGTH;
    message[at] = VERSION;
    Octets.putInt16(message, at + 1, as > 0xffff ? AsPath.AS_TRANS : (int) as);
    Octets.putInt16(message, at + 3, holdTime);
    Octets.putInt32(message, at + 5, identifier);
    message[at + 9] = (byte) (extended ? 255 : head + content.length);
    if (extended) {
      message[at + 10] = (byte) 255;
      Octets.putInt16(message, at + 11, 3 + content.length);
      message[at + 13] = CAPABILITIES;
      Octets.putInt16(message, at + 14, content.length);
    } else if (head > 0) {
      message[at + 10] = CAPABILITIES;
      message[at + 11] = (byte) content.length;
    }
    System.arraycopy(content, 0, message, at + FIXED + head, content.length);
    return message;
  }
}
