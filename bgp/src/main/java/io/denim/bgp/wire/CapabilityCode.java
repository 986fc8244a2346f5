package io.denim.bgp.wire;

/** IANA's numbers of the capabilities known here. */
final class CapabilityCode {
  static final int MULTIPROTOCOL = 1;
  static final int ROUTE_REFRESH = 2;
  static final int EXTENDED_NEXT_HOP = 5;
  static final int EXTENDED_MESSAGES = 6;
  static final int ROLE = 9;
  static final int GRACEFUL_RESTART = 64;
  static final int FOUR_OCTET_AS = 65;
  static final int ADD_PATH = 69;
  static final int ENHANCED_REFRESH = 70;
  static final int LONG_LIVED_GRACEFUL_RESTART = 71;
  static final int HOST_NAME = 73;
  static final int SOFTWARE_VERSION = 75;

  /** What Cisco called route refresh before there was an RFC. */
  static final int OLD_ROUTE_REFRESH = 128;

  private CapabilityCode() {}
}
