package io.denim.bgp.mrt;

/** The numbers of RFC 6396 and RFC 8050. */
final class Code {
  static final int HEADER = 12;

  static final int TABLE_DUMP_V2 = 13;
  static final int BGP4MP = 16;
  static final int BGP4MP_ET = 17;

  static final int PEER_INDEX_TABLE = 1;
  static final int RIB_IPV4_UNICAST = 2;
  static final int RIB_IPV6_UNICAST = 4;
  static final int RIB_IPV4_UNICAST_ADDPATH = 8;
  static final int RIB_IPV6_UNICAST_ADDPATH = 10;

  static final int PEER_IS_V6 = 1;
  static final int PEER_HAS_FOUR_OCTETS = 2;

  static final int STATE_CHANGE = 0;
  static final int MESSAGE = 1;
  static final int MESSAGE_AS4 = 4;
  static final int STATE_CHANGE_AS4 = 5;
  static final int MESSAGE_LOCAL = 6;
  static final int MESSAGE_AS4_LOCAL = 7;
  static final int MESSAGE_ADDPATH = 8;
  static final int MESSAGE_AS4_ADDPATH = 9;
  static final int MESSAGE_LOCAL_ADDPATH = 10;
  static final int MESSAGE_AS4_LOCAL_ADDPATH = 11;

  static final int AFI_V4 = 1;
  static final int AFI_V6 = 2;

  private Code() {}

  static int of(MrtRecord.Form form) {
    if (form.addPath()) {
      int received = form.fourOctetAs() ? MESSAGE_AS4_ADDPATH : MESSAGE_ADDPATH;
      int sent = form.fourOctetAs() ? MESSAGE_AS4_LOCAL_ADDPATH : MESSAGE_LOCAL_ADDPATH;
      return form.sent() ? sent : received;
    }
    if (form.sent()) {
      return form.fourOctetAs() ? MESSAGE_AS4_LOCAL : MESSAGE_LOCAL;
    }
    return form.fourOctetAs() ? MESSAGE_AS4 : MESSAGE;
  }
}
