package io.denim.bgp.wire;

import static io.denim.bgp.wire.AttributeCode.EXTENDED_LENGTH;
import static io.denim.bgp.wire.AttributeCode.OPTIONAL;
import static io.denim.bgp.wire.AttributeCode.TRANSITIVE;

import java.util.Arrays;

/** Writes one {@link AttributeSet} as the attribute block of an UPDATE, ascending by code. */
final class AttributeWriter {
  private static final int WELL_KNOWN = TRANSITIVE;
  private static final int OPTIONAL_TRANSITIVE = OPTIONAL | TRANSITIVE;

  private final AttributeSet set;
  private byte[] out = new byte[128];
  private int size;
  private int opaqueWritten;

  AttributeWriter(AttributeSet set) {
    this.set = set;
  }

  byte[] write(boolean fourOctetAs, boolean withClassicNextHop) {
    int at = begin(AttributeCode.ORIGIN, WELL_KNOWN, 1);
    out[at] = (byte) set.origin();
    path(AttributeCode.AS_PATH, WELL_KNOWN, set.asPath(), fourOctetAs ? 4 : 2);
    if (withClassicNextHop) {
      nextHop();
    }
    if (set.hasMed()) {
      number(AttributeCode.MED, OPTIONAL, (int) set.med());
    }
    if (set.hasLocalPref()) {
      number(AttributeCode.LOCAL_PREF, WELL_KNOWN, (int) set.localPref());
    }
    if (set.atomicAggregate()) {
      var _ = begin(AttributeCode.ATOMIC_AGGREGATE, WELL_KNOWN, 0);
    }
    set.aggregator().ifPresent(a -> aggregator(AttributeCode.AGGREGATOR, a, fourOctetAs));
    communities();
    if (set.hasOriginatorId()) {
      number(AttributeCode.ORIGINATOR_ID, OPTIONAL, set.originatorId());
    }
    clusters();
    extendedCommunities();
    if (!fourOctetAs) {
      fourOctetCopies();
    }
    largeCommunities();
    if (set.otc() != 0) {
      number(AttributeCode.OTC, OPTIONAL_TRANSITIVE, (int) set.otc());
    }
    opaqueBelow(256);
    return Arrays.copyOf(out, size);
  }

  private void fourOctetCopies() {
    if (set.asPath().needsFourOctets()) {
      AsPath path = set.asPath().withoutConfederation();
      path(AttributeCode.AS4_PATH, OPTIONAL_TRANSITIVE, path, 4);
    }
    set.aggregator()
        .filter(aggregator -> aggregator.as() > 0xffff)
        .ifPresent(aggregator -> aggregator(AttributeCode.AS4_AGGREGATOR, aggregator, true));
  }

  private void nextHop() {
    if (!set.nextHop().isV4()) {
      throw new IllegalArgumentException("NEXT_HOP cannot carry " + set.nextHop());
    }
    number(AttributeCode.NEXT_HOP, WELL_KNOWN, set.nextHop().low32());
  }

  private void number(int code, int flags, int value) {
    int at = begin(code, flags, 4);
    Octets.putInt32(out, at, value);
  }

  private void path(int code, int flags, AsPath path, int width) {
    int at = begin(code, flags, path.encodedLength(width));
    path.encode(out, at, width);
  }

  private void aggregator(int code, Aggregator aggregator, boolean fourOctets) {
    int at = begin(code, OPTIONAL_TRANSITIVE, fourOctets ? 8 : 6);
    long as = aggregator.as();
    if (fourOctets) {
      Octets.putInt32(out, at, (int) as);
    } else {
      Octets.putInt16(out, at, as > 0xffff ? AsPath.AS_TRANS : (int) as);
    }
    Octets.putInt32(out, size - 4, aggregator.address().low32());
  }

  private void communities() {
    int count = set.communityCount();
    if (count > 0) {
      int at = begin(AttributeCode.COMMUNITIES, OPTIONAL_TRANSITIVE, 4 * count);
      for (int i = 0; i < count; i++) {
        Octets.putInt32(out, at + 4 * i, set.community(i));
      }
    }
  }

  private void clusters() {
    int count = set.clusterCount();
    if (count > 0) {
      int at = begin(AttributeCode.CLUSTER_LIST, OPTIONAL, 4 * count);
      for (int i = 0; i < count; i++) {
        Octets.putInt32(out, at + 4 * i, set.cluster(i));
      }
    }
  }

  private void extendedCommunities() {
    int count = set.extendedCommunityCount();
    if (count > 0) {
      int at = begin(AttributeCode.EXTENDED_COMMUNITIES, OPTIONAL_TRANSITIVE, 8 * count);
      for (int i = 0; i < count; i++) {
        Octets.putInt64(out, at + 8 * i, set.extendedCommunity(i));
      }
    }
  }

  private void largeCommunities() {
    int count = set.largeCommunityCount();
    if (count > 0) {
      int at = begin(AttributeCode.LARGE_COMMUNITIES, OPTIONAL_TRANSITIVE, 12 * count);
      for (int i = 0; i < count; i++) {
        LargeCommunity community = set.largeCommunity(i);
        Octets.putInt32(out, at + 12 * i, (int) community.global());
        Octets.putInt32(out, at + 12 * i + 4, (int) community.local1());
        Octets.putInt32(out, at + 12 * i + 8, (int) community.local2());
      }
    }
  }

  /** Writes the header and leaves room for the value; where the value goes. */
  private int begin(int code, int flags, int length) {
    opaqueBelow(code);
    return header(code, flags, length);
  }

  private void opaqueBelow(int code) {
    while (opaqueWritten < set.opaque().size() && set.opaque().get(opaqueWritten).code() < code) {
      OpaqueAttribute attribute = set.opaque().get(opaqueWritten++);
      int at = header(attribute.code(), attribute.flags(), attribute.length());
      attribute.copyTo(out, at);
    }
  }

  private int header(int code, int flags, int length) {
    boolean extended = length > 255;
    int needed = size + 4 + length;
    if (needed > out.length) {
      out = Arrays.copyOf(out, Math.max(needed, 2 * out.length));
    }
    out[size++] = (byte) (extended ? flags | EXTENDED_LENGTH : flags);
    out[size++] = (byte) code;
    if (extended) {
      out[size++] = (byte) (length >>> 8);
    }
    out[size++] = (byte) length;
    size += length;
    return size - length;
  }
}
