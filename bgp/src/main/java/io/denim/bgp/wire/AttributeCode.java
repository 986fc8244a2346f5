package io.denim.bgp.wire;

/** The type codes of path attributes, by IANA's names, and the bits of their flags octet. */
public final class AttributeCode {
  /** Flag: need not be known to every speaker. */
  public static final int OPTIONAL = 0x80;

  /** Flag: passed on by those who don't know it. */
  public static final int TRANSITIVE = 0x40;

  /** Flag: passed on by someone who didn't know it. */
  public static final int PARTIAL = 0x20;

  /** Flag: the length has two octets. */
  static final int EXTENDED_LENGTH = 0x10;

  /** RFC 4271. */
  public static final int ORIGIN = 1;

  /** RFC 4271. */
  public static final int AS_PATH = 2;

  /** RFC 4271. */
  public static final int NEXT_HOP = 3;

  /** MULTI_EXIT_DISC, RFC 4271. */
  public static final int MED = 4;

  /** RFC 4271. */
  public static final int LOCAL_PREF = 5;

  /** RFC 4271. */
  public static final int ATOMIC_AGGREGATE = 6;

  /** RFC 4271. */
  public static final int AGGREGATOR = 7;

  /** RFC 1997. */
  public static final int COMMUNITIES = 8;

  /** RFC 4456. */
  public static final int ORIGINATOR_ID = 9;

  /** RFC 4456. */
  public static final int CLUSTER_LIST = 10;

  /** RFC 4760. */
  public static final int MP_REACH_NLRI = 14;

  /** RFC 4760. */
  public static final int MP_UNREACH_NLRI = 15;

  /** RFC 4360. */
  public static final int EXTENDED_COMMUNITIES = 16;

  /** RFC 6793. */
  public static final int AS4_PATH = 17;

  /** RFC 6793. */
  public static final int AS4_AGGREGATOR = 18;

  /** RFC 6514. */
  static final int PMSI_TUNNEL = 22;

  /** RFC 5701. */
  public static final int IPV6_EXTENDED_COMMUNITIES = 25;

  /** RFC 7311. */
  public static final int AIGP = 26;

  /** RFC 8092. */
  public static final int LARGE_COMMUNITIES = 32;

  /** Only to customer, RFC 9234. */
  public static final int OTC = 35;

  /** RFC 8669. */
  static final int PREFIX_SID = 40;

  private AttributeCode() {}

  /** The name of a code; {@code attribute 99} for one without. */
  public static String name(int code) {
    return switch (code) {
      case ORIGIN -> "ORIGIN";
      case AS_PATH -> "AS_PATH";
      case NEXT_HOP -> "NEXT_HOP";
      case MED -> "MULTI_EXIT_DISC";
      case LOCAL_PREF -> "LOCAL_PREF";
      case ATOMIC_AGGREGATE -> "ATOMIC_AGGREGATE";
      case AGGREGATOR -> "AGGREGATOR";
      case COMMUNITIES -> "COMMUNITIES";
      case ORIGINATOR_ID -> "ORIGINATOR_ID";
      case CLUSTER_LIST -> "CLUSTER_LIST";
      case MP_REACH_NLRI -> "MP_REACH_NLRI";
      case MP_UNREACH_NLRI -> "MP_UNREACH_NLRI";
      case EXTENDED_COMMUNITIES -> "EXTENDED_COMMUNITIES";
      case AS4_PATH -> "AS4_PATH";
      case AS4_AGGREGATOR -> "AS4_AGGREGATOR";
      case PMSI_TUNNEL -> "PMSI_TUNNEL";
      case 23 -> "TUNNEL_ENCAPSULATION";
      case IPV6_EXTENDED_COMMUNITIES -> "IPV6_EXTENDED_COMMUNITIES";
      case AIGP -> "AIGP";
      case 29 -> "BGP_LS";
      case LARGE_COMMUNITIES -> "LARGE_COMMUNITIES";
      case OTC -> "ONLY_TO_CUSTOMER";
      case PREFIX_SID -> "PREFIX_SID";
      case 128 -> "ATTR_SET";
      default -> "attribute " + code;
    };
  }
}
