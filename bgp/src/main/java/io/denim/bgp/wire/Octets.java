package io.denim.bgp.wire;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Numbers in network order within an array. */
final class Octets {
  private static final int SHOWN = 256;

  private Octets() {}

  static int int16(byte[] from, int at) {
    return (from[at] & 0xff) << 8 | (from[at + 1] & 0xff);
  }

  static int int32(byte[] from, int at) {
    return int16(from, at) << 16 | int16(from, at + 2);
  }

  static long int64(byte[] from, int at) {
    return (long) int32(from, at) << 32 | (int32(from, at + 4) & 0xffffffffL);
  }

  static void putInt16(byte[] to, int at, int value) {
    to[at] = (byte) (value >>> 8);
    to[at + 1] = (byte) value;
  }

  static void putInt32(byte[] to, int at, int value) {
    putInt16(to, at, value >>> 16);
    putInt16(to, at + 2, value);
  }

  static void putInt64(byte[] to, int at, long value) {
    putInt32(to, at, (int) (value >>> 32));
    putInt32(to, at + 4, (int) value);
  }

  /** Hexadecimal for a log line, at most 256 octets of it. */
  static String hex(byte[] bytes, int from, int length) {
    int shown = Math.min(length, SHOWN);
    return HexFormat.of().formatHex(bytes, from, from + shown) + (shown < length ? "…" : "");
  }

  /**
   * Foreign UTF-8 that is safe to show; hexadecimal when it is not well-formed or not printable.
   */
  static String text(byte[] bytes, int from, int length) {
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes, from, length))
              .toString();
      boolean printable = text.codePoints().noneMatch(Character::isISOControl);
      return printable ? text : hex(bytes, from, length);
    } catch (CharacterCodingException e) {
      return hex(bytes, from, length);
    }
  }
}
