package io.denim.bgp.wire;

import static io.denim.bgp.wire.AttributeCode.AGGREGATOR;
import static io.denim.bgp.wire.AttributeCode.AIGP;
import static io.denim.bgp.wire.AttributeCode.AS4_AGGREGATOR;
import static io.denim.bgp.wire.AttributeCode.AS4_PATH;
import static io.denim.bgp.wire.AttributeCode.AS_PATH;
import static io.denim.bgp.wire.AttributeCode.ATOMIC_AGGREGATE;
import static io.denim.bgp.wire.AttributeCode.CLUSTER_LIST;
import static io.denim.bgp.wire.AttributeCode.COMMUNITIES;
import static io.denim.bgp.wire.AttributeCode.EXTENDED_COMMUNITIES;
import static io.denim.bgp.wire.AttributeCode.EXTENDED_LENGTH;
import static io.denim.bgp.wire.AttributeCode.IPV6_EXTENDED_COMMUNITIES;
import static io.denim.bgp.wire.AttributeCode.LARGE_COMMUNITIES;
import static io.denim.bgp.wire.AttributeCode.LOCAL_PREF;
import static io.denim.bgp.wire.AttributeCode.MED;
import static io.denim.bgp.wire.AttributeCode.NEXT_HOP;
import static io.denim.bgp.wire.AttributeCode.OPTIONAL;
import static io.denim.bgp.wire.AttributeCode.ORIGIN;
import static io.denim.bgp.wire.AttributeCode.ORIGINATOR_ID;
import static io.denim.bgp.wire.AttributeCode.OTC;
import static io.denim.bgp.wire.AttributeCode.PARTIAL;
import static io.denim.bgp.wire.AttributeCode.PMSI_TUNNEL;
import static io.denim.bgp.wire.AttributeCode.PREFIX_SID;
import static io.denim.bgp.wire.AttributeCode.TRANSITIVE;

import io.denim.bgp.wire.ParsedAttributes.Remark;
import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Judges a block of attributes as RFC 7606 demands: a fault costs the routes or the attribute,
 * never the session. One method for each attribute. Called once for each distinct block, so it
 * allocates freely.
 */
public final class AttributeParser {
  private static final int OPTIONAL_TRANSITIVE = OPTIONAL | TRANSITIVE;

  private final byte[] block;
  private final Negotiated session;
  private final boolean classicNlri;
  private final AttributeSetBuilder to = AttributeSet.builder();
  private final BitSet seen = new BitSet(256);
  private final List<Remark> remarks = new ArrayList<>();
  private final List<OpaqueAttribute> opaque = new ArrayList<>();
  private @Nullable AsPath fourOctetPath;
  private @Nullable Aggregator aggregator;
  private @Nullable Aggregator fourOctetAggregator;
  private AsPath path = AsPath.EMPTY;

  private AttributeParser(byte[] block, Negotiated session, boolean classicNlri) {
    this.block = block;
    this.session = session;
    this.classicNlri = classicNlri;
  }

  /**
   * Reads the attributes of routes without MP_REACH_NLRI and MP_UNREACH_NLRI.
   *
   * @param mpNextHop the next hop of MP_REACH_NLRI, not looked at with {@code classicNlri}
   * @param linkLocal the link-local address beside it
   * @param classicNlri whether the routes are those of the UPDATE's own field, with NEXT_HOP
   */
  public static ParsedAttributes parse(
      byte[] block,
      int off,
      int len,
      Negotiated session,
      IpAddress mpNextHop,
      Optional<IpAddress> linkLocal,
      boolean classicNlri) {
    AttributeParser parser = new AttributeParser(block, session, classicNlri);
    try {
      parser.attributes(off, off + len);
      parser.mandatory();
      if (!classicNlri) {
        AttributeValues.checkNextHop(mpNextHop);
        parser.to.nextHop(mpNextHop);
        linkLocal.ifPresent(parser.to::linkLocal);
      }
      return new ParsedAttributes.Good(parser.finish(), parser.remarks);
    } catch (Malformed fault) {
      return new ParsedAttributes.Withdraw(fault.code(), fault.subcode(), fault.words());
    }
  }

  /** What is wrong with attributes that announce nothing, if it would withdraw their routes. */
  static Optional<String> fault(byte[] block, int off, int len, Negotiated session) {
    try {
      new AttributeParser(block, session, false).attributes(off, off + len);
      return Optional.empty();
    } catch (Malformed fault) {
      return Optional.of(fault.words());
    }
  }

  private void attributes(int from, int end) {
    int at = from;
    while (at < end) {
      boolean extended = (block[at] & EXTENDED_LENGTH) != 0;
      int value = at + (extended ? 4 : 3);
      if (value > end) {
        throw new Malformed(3, 1, (end - at) + " octets are left behind the last attribute");
      }
      int code = block[at + 1] & 0xff;
      int length = extended ? Octets.int16(block, at + 2) : block[at + 2] & 0xff;
      if (value + length > end) {
        throw new Malformed(
            3, 1, AttributeCode.name(code) + " runs over the end of the attributes");
      }
      if (seen.get(code)) {
        remark(code, "comes twice");
      } else {
        seen.set(code);
        attribute(code, block[at] & 0xff, value, length);
      }
      at = value + length;
    }
  }

  private void attribute(int code, int flags, int at, int length) {
    switch (code) {
      case ORIGIN -> origin(flags, at, length);
      case AS_PATH -> asPath(flags, at, length);
      case NEXT_HOP -> nextHop(flags, at, length);
      case MED -> {
        checkFlags(code, flags, OPTIONAL);
        to.med(number(code, at, length));
      }
      case LOCAL_PREF -> localPref(flags, at, length);
      case ATOMIC_AGGREGATE -> atomicAggregate(flags, length);
      case AGGREGATOR -> aggregator(flags, at, length);
      case COMMUNITIES -> {
        checkList(code, flags, OPTIONAL_TRANSITIVE, length, 4);
        to.communities(AttributeValues.ints(block, at, length));
      }
      case ORIGINATOR_ID -> originatorId(flags, at, length);
      case CLUSTER_LIST -> clusterList(flags, at, length);
      case EXTENDED_COMMUNITIES -> {
        checkList(code, flags, OPTIONAL_TRANSITIVE, length, 8);
        to.extendedCommunities(AttributeValues.longs(block, at, length));
      }
      case AS4_PATH -> as4Path(flags, at, length);
      case AS4_AGGREGATOR -> as4Aggregator(flags, at, length);
      case IPV6_EXTENDED_COMMUNITIES -> {
        checkList(code, flags, OPTIONAL_TRANSITIVE, length, 20);
        carry(code, flags, at, length);
      }
      case AIGP -> remark(code, "is not enabled");
      case LARGE_COMMUNITIES -> {
        checkList(code, flags, OPTIONAL_TRANSITIVE, length, 12);
        to.largeCommunities(AttributeValues.largeCommunities(block, at, length));
      }
      case OTC -> onlyToCustomer(flags, at, length);
      // It belongs to families that are never agreed, and others look at it nevertheless.
      case PMSI_TUNNEL -> remark(code, "is of another family");
      case PREFIX_SID -> prefixSid(flags, at, length);
      default -> unknown(code, flags, at, length);
    }
  }

  private void origin(int flags, int at, int length) {
    checkFlags(ORIGIN, flags, TRANSITIVE);
    checkLength(ORIGIN, length, 1);
    int value = block[at] & 0xff;
    if (value > AttributeSet.ORIGIN_INCOMPLETE) {
      throw new Malformed(3, 6, "ORIGIN is " + value);
    }
    to.origin(value);
  }

  private void asPath(int flags, int at, int length) {
    checkFlags(AS_PATH, flags, TRANSITIVE);
    try {
      path = AsPath.decode(block, at, length, session.fourOctetAs() ? 4 : 2);
    } catch (Malformed fault) {
      throw new Malformed(3, 11, "AS_PATH is damaged: " + fault.words());
    }
    if (session.external() && !session.confederation() && path.hasConfederation()) {
      throw new Malformed(3, 11, "AS_PATH has confederation segments, from another AS");
    }
  }

  private void nextHop(int flags, int at, int length) {
    if (classicNlri) {
      checkFlags(NEXT_HOP, flags, TRANSITIVE);
      IpAddress address = IpAddress.v4((int) number(NEXT_HOP, at, length));
      AttributeValues.checkNextHop(address);
      to.nextHop(address);
    }
  }

  private void localPref(int flags, int at, int length) {
    if (session.external()) {
      remark(LOCAL_PREF, "comes from another AS");
      return;
    }
    checkFlags(LOCAL_PREF, flags, TRANSITIVE);
    to.localPref(number(LOCAL_PREF, at, length));
  }

  private void atomicAggregate(int flags, int length) {
    checkFlags(ATOMIC_AGGREGATE, flags, TRANSITIVE);
    if (length != 0) {
      remark(ATOMIC_AGGREGATE, "has " + length + " octets");
      return;
    }
    to.atomicAggregate(true);
  }

  private void aggregator(int flags, int at, int length) {
    checkFlags(AGGREGATOR, flags, OPTIONAL_TRANSITIVE);
    aggregator = aggregatorOf(AGGREGATOR, at, length, session.fourOctetAs() ? 8 : 6);
  }

  private @Nullable Aggregator aggregatorOf(int code, int at, int length, int expected) {
    if (length != expected) {
      remark(code, "has " + length + " octets");
      return null;
    }
    long as = expected == 8 ? Octets.int32(block, at) & 0xffffffffL : Octets.int16(block, at);
    if (as == 0) {
      remark(code, "is AS 0");
      return null;
    }
    return new Aggregator(as, IpAddress.v4(Octets.int32(block, at + length - 4)));
  }

  private void originatorId(int flags, int at, int length) {
    checkFlags(ORIGINATOR_ID, flags, OPTIONAL);
    if (session.external()) {
      remark(ORIGINATOR_ID, "comes from another AS");
      return;
    }
    to.originatorId((int) number(ORIGINATOR_ID, at, length));
  }

  private void clusterList(int flags, int at, int length) {
    checkFlags(CLUSTER_LIST, flags, OPTIONAL);
    if (session.external()) {
      remark(CLUSTER_LIST, "comes from another AS");
      return;
    }
    checkList(CLUSTER_LIST, flags, OPTIONAL, length, 4);
    to.clusters(AttributeValues.ints(block, at, length));
  }

  private void as4Path(int flags, int at, int length) {
    if (session.fourOctetAs()) {
      remark(AS4_PATH, "comes from a speaker of four-octet ASs");
      return;
    }
    checkFlags(AS4_PATH, flags, OPTIONAL_TRANSITIVE);
    try {
      fourOctetPath = AsPath.decode(block, at, length, 4);
    } catch (Malformed fault) {
      remark(AS4_PATH, "is damaged: " + fault.words());
    }
  }

  private void as4Aggregator(int flags, int at, int length) {
    if (session.fourOctetAs()) {
      remark(AS4_AGGREGATOR, "comes from a speaker of four-octet ASs");
    } else if ((flags & OPTIONAL_TRANSITIVE) != OPTIONAL_TRANSITIVE) {
      remark(AS4_AGGREGATOR, "has the wrong flags");
    } else {
      fourOctetAggregator = aggregatorOf(AS4_AGGREGATOR, at, length, 8);
    }
  }

  private void onlyToCustomer(int flags, int at, int length) {
    checkFlags(OTC, flags, OPTIONAL_TRANSITIVE);
    long as = number(OTC, at, length);
    if (as == 0) {
      throw new Malformed(3, 9, "ONLY_TO_CUSTOMER is AS 0");
    }
    to.otc(as);
  }

  private void unknown(int code, int flags, int at, int length) {
    if (code == 0) {
      remark(code, "has the reserved code 0");
    } else if ((flags & OPTIONAL) == 0) {
      throw new Malformed(3, 2, AttributeCode.name(code) + " is unknown and not optional");
    } else if ((flags & TRANSITIVE) != 0) {
      carry(code, flags, at, length);
    }
  }

  /**
   * Nothing here uses it, but there are speakers that end a session over a damaged one, so that
   * passing it on would cut off every one of them. RFC 8669 6 has it discarded.
   */
  private void prefixSid(int flags, int at, int length) {
    if ((flags & OPTIONAL_TRANSITIVE) == OPTIONAL_TRANSITIVE
        && AttributeValues.isPrefixSid(block, at, length)) {
      carry(PREFIX_SID, flags, at, length);
    } else {
      remark(PREFIX_SID, "is damaged");
    }
  }

  private void carry(int code, int flags, int at, int length) {
    byte[] value = new byte[length];
    System.arraycopy(block, at, value, 0, length);
    opaque.add(new OpaqueAttribute(code, flags | PARTIAL, value));
  }

  private void mandatory() {
    for (int code : new int[] {ORIGIN, AS_PATH, NEXT_HOP}) {
      if (!seen.get(code) && (code != NEXT_HOP || classicNlri)) {
        throw new Malformed(3, 3, AttributeCode.name(code) + " is missing");
      }
    }
    if (!session.external() && !seen.get(LOCAL_PREF)) {
      remark(LOCAL_PREF, "is missing, 100 is assumed");
      to.localPref(AttributeSet.DEFAULT_LOCAL_PREF);
    }
  }

  /** Puts together what a two-octet peer says in two attributes (RFC 6793 section 4.2.3). */
  private AttributeSet finish() {
    boolean ignoreFourOctets =
        aggregator != null && fourOctetAggregator != null && aggregator.as() != AsPath.AS_TRANS;
    if (aggregator != null) {
      boolean both = fourOctetAggregator != null && !ignoreFourOctets;
      to.aggregator(both && fourOctetAggregator != null ? fourOctetAggregator : aggregator);
    }
    boolean merge = fourOctetPath != null && !ignoreFourOctets;
    to.asPath(merge && fourOctetPath != null ? path.mergedWith(fourOctetPath) : path);
    return to.opaque(opaque).build();
  }

  /**
   * The partial bit too is a fault in a well-known attribute, as FRR's conformance tests have it.
   */
  private static void checkFlags(int code, int flags, int expected) {
    int judged = expected == TRANSITIVE ? OPTIONAL_TRANSITIVE | PARTIAL : OPTIONAL_TRANSITIVE;
    if ((flags & judged) != expected) {
      throw new Malformed(
          3, 4, String.format("%s has the flags 0x%02x", AttributeCode.name(code), flags));
    }
  }

  private static void checkLength(int code, int length, int expected) {
    if (length != expected) {
      throw new Malformed(3, 5, AttributeCode.name(code) + " has " + length + " octets");
    }
  }

  private static void checkList(int code, int flags, int expectedFlags, int length, int unit) {
    checkFlags(code, flags, expectedFlags);
    if (length == 0 || length % unit != 0) {
      throw new Malformed(3, 5, AttributeCode.name(code) + " has " + length + " octets");
    }
  }

  private long number(int code, int at, int length) {
    checkLength(code, length, 4);
    return Octets.int32(block, at) & 0xffffffffL;
  }

  private void remark(int code, String words) {
    remarks.add(new Remark(code, AttributeCode.name(code) + " " + words));
  }
}
