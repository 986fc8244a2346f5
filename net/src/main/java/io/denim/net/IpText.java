package io.denim.net;

import java.util.Optional;

/** The text forms of addresses: RFC 4291 section 2.2 in, RFC 5952 out. */
final class IpText {
  private IpText() {}

  static Optional<IpAddress> parseV4(String text) {
    int value = 0;
    int octets = 0;
    int at = 0;
    while (octets < 4) {
      int start = at;
      int octet = 0;
      while (at < text.length() && isDigit(text.charAt(at)) && at - start < 3) {
        octet = octet * 10 + text.charAt(at) - '0';
        at++;
      }
      boolean leadingZero = at - start > 1 && text.charAt(start) == '0';
      if (at == start || octet > 255 || leadingZero) {
        return Optional.empty();
      }
      value = value << 8 | octet;
      octets++;
      if (octets < 4) {
        if (at >= text.length() || text.charAt(at) != '.') {
          return Optional.empty();
        }
        at++;
      }
    }
    return at == text.length() ? Optional.of(IpAddress.v4(value)) : Optional.empty();
  }

  static Optional<IpAddress> parseV6(String text) {
    int[] groups = new int[8];
    int count = 0;
    int gap = -1;
    int at = 0;
    if (text.startsWith("::")) {
      gap = 0;
      at = 2;
    }
    while (at < text.length()) {
      if (count == 8) {
        return Optional.empty();
      }
      int end = at;
      while (end < text.length() && text.charAt(end) != ':') {
        end++;
      }
      String group = text.substring(at, end);
      if (group.indexOf('.') >= 0) {
        Optional<IpAddress> tail = end == text.length() ? parseV4(group) : Optional.empty();
        if (tail.isEmpty() || count > 6) {
          return Optional.empty();
        }
        groups[count++] = tail.get().low32() >>> 16;
        groups[count++] = tail.get().low32() & 0xffff;
        at = end;
        break;
      }
      int value = hex(group);
      if (value < 0) {
        return Optional.empty();
      }
      groups[count++] = value;
      at = end;
      if (at < text.length()) {
        at++;
        if (at == text.length()) {
          return Optional.empty();
        }
        if (text.charAt(at) == ':') {
          if (gap >= 0) {
            return Optional.empty();
          }
          gap = count;
          at++;
        }
      }
    }
    if (gap < 0 ? count != 8 : count > 7) {
      return Optional.empty();
    }
    return Optional.of(assemble(groups, count, gap));
  }

  private static IpAddress assemble(int[] groups, int count, int gap) {
    long[] halves = new long[2];
    int missing = 8 - count;
    for (int i = 0; i < count; i++) {
      int position = gap >= 0 && i >= gap ? i + missing : i;
      halves[position / 4] |= (long) groups[i] << (48 - 16 * (position % 4));
    }
    return IpAddress.v6(halves[0], halves[1]);
  }

  private static int hex(String group) {
    if (group.isEmpty() || group.length() > 4) {
      return -1;
    }
    int value = 0;
    for (int i = 0; i < group.length(); i++) {
      char c = group.charAt(i);
      int digit = c < 128 ? Character.digit(c, 16) : -1;
      if (digit < 0) {
        return -1;
      }
      value = value << 4 | digit;
    }
    return value;
  }

  static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  static String formatV4(int bits) {
    return (bits >>> 24)
        + "."
        + (bits >>> 16 & 0xff)
        + "."
        + (bits >>> 8 & 0xff)
        + "."
        + (bits & 0xff);
  }

  static String formatV6(IpAddress address) {
    if (address.high() == 0 && address.low() >>> 32 == 0xffff) {
      return "::ffff:" + formatV4(address.low32());
    }
    int[] groups = new int[8];
    for (int i = 0; i < 8; i++) {
      long half = i < 4 ? address.high() : address.low();
      groups[i] = (int) (half >>> (48 - 16 * (i % 4)) & 0xffff);
    }
    int gapStart = -1;
    int gapLength = 1;
    for (int i = 0; i < 8; i++) {
      int run = i;
      while (run < 8 && groups[run] == 0) {
        run++;
      }
      if (run - i > gapLength) {
        gapStart = i;
        gapLength = run - i;
      }
    }
    StringBuilder text = new StringBuilder(39);
    for (int i = 0; i < 8; i++) {
      if (i == gapStart) {
        text.append("::");
        i += gapLength - 1;
      } else {
        if (i > 0 && text.charAt(text.length() - 1) != ':') {
          text.append(':');
        }
        text.append(Integer.toHexString(groups[i]));
      }
    }
    return text.toString();
  }
}
