package io.denim.bgp.config;

import io.denim.net.IpAddress;
import java.time.Duration;

/** Checks that more than one of the values here needs. */
final class Bounds {
  /** The largest AS number (RFC 6793). */
  private static final long MAX_AS = 0xffff_ffffL;

  /** Stands for a number of four octets where only two fit, and is nobody's (RFC 6793 9). */
  private static final long AS_TRANS = 23456;

  private Bounds() {}

  static void check(String field, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(field + " is " + least + " to " + most + ", got " + value);
    }
  }

  /** An AS number that a speaker may have: not 0 (RFC 7607), not AS_TRANS. */
  static void checkAs(String field, long as) {
    check(field, as, 1, MAX_AS);
    if (as == AS_TRANS) {
      throw new IllegalArgumentException(
          field + " is not " + AS_TRANS + ", which stands for numbers of four octets (RFC 6793)");
    }
  }

  /** A BGP identifier or a cluster's: 32 bits written as an address, not 0 (RFC 6286, 4456). */
  static void checkIdentifier(String field, IpAddress identifier) {
    if (!identifier.isV4() || identifier.isAny()) {
      throw new IllegalArgumentException(
          field + " is an IPv4 address other than 0.0.0.0, got " + identifier);
    }
  }

  static void checkPositive(String field, Duration duration) {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException(field + " is more than no time, got " + duration);
    }
  }

  static void checkNotNegative(String field, Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException(field + " is 0 or more, got " + duration);
    }
  }

  static void checkName(String field, String name) {
    if (name.isBlank()) {
      throw new IllegalArgumentException(field + " is not empty");
    }
  }
}
