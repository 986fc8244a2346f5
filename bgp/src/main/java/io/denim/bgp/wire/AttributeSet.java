package io.denim.bgp.wire;

import io.denim.net.IpAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a route says of itself beside its prefix: the path attributes (RFC 4271 section 5), checked
 * and made canonical. Immutable; made to be held once for all prefixes that share it: the hash is
 * computed once, lists are primitive arrays, a usual set takes about 300 octets with its path.
 */
public final class AttributeSet {
  /** ORIGIN: from an interior protocol. */
  public static final int ORIGIN_IGP = 0;

  /** ORIGIN: from EGP. */
  public static final int ORIGIN_EGP = 1;

  /** ORIGIN: from somewhere else. */
  public static final int ORIGIN_INCOMPLETE = 2;

  /** The LOCAL_PREF of a route that says none. */
  public static final long DEFAULT_LOCAL_PREF = 100;

  private final byte origin;
  private final boolean hasMed;
  private final boolean hasLocalPref;
  private final boolean atomicAggregate;
  private final boolean hasOriginatorId;
  private final int med;
  private final int localPref;
  private final int originatorId;
  private final int otc;
  private final int hash;
  private final AsPath asPath;
  private final IpAddress nextHop;
  private final @Nullable IpAddress linkLocal;
  private final @Nullable Aggregator aggregator;
  private final int[] communities;
  private final long[] extendedCommunities;
  private final int[] largeCommunities;
  private final int[] clusters;
  private final List<OpaqueAttribute> opaque;

  AttributeSet(AttributeSetBuilder from) {
    origin = (byte) from.origin;
    hasMed = from.hasMed;
    hasLocalPref = from.hasLocalPref;
    atomicAggregate = from.atomicAggregate;
    hasOriginatorId = from.hasOriginatorId;
    med = from.med;
    localPref = from.localPref;
    originatorId = from.originatorId;
    otc = from.otc;
    asPath = from.asPath;
    nextHop = from.nextHop;
    linkLocal = from.linkLocal;
    aggregator = from.aggregator;
    communities = from.communities;
    extendedCommunities = from.extendedCommunities;
    largeCommunities = from.largeCommunities;
    clusters = from.clusters;
    opaque = from.opaque;
    hash = computeHash();
  }

  /** An empty builder: ORIGIN IGP, an empty path, next hop 0.0.0.0. */
  public static AttributeSetBuilder builder() {
    return new AttributeSetBuilder();
  }

  /** A builder that begins with this. */
  public AttributeSetBuilder toBuilder() {
    AttributeSetBuilder to = new AttributeSetBuilder();
    to.origin = origin;
    to.hasMed = hasMed;
    to.hasLocalPref = hasLocalPref;
    to.atomicAggregate = atomicAggregate;
    to.hasOriginatorId = hasOriginatorId;
    to.med = med;
    to.localPref = localPref;
    to.originatorId = originatorId;
    to.otc = otc;
    to.asPath = asPath;
    to.nextHop = nextHop;
    to.linkLocal = linkLocal;
    to.aggregator = aggregator;
    to.communities = communities;
    to.extendedCommunities = extendedCommunities;
    to.largeCommunities = largeCommunities;
    to.clusters = clusters;
    to.opaque = opaque;
    return to;
  }

  /**
   * The attributes as a block of an UPDATE, in ascending order of code, without MP_REACH_NLRI and
   * MP_UNREACH_NLRI (which {@link UpdateEncoder} writes).
   *
   * @param fourOctetAs false for a peer of two octets: AS_TRANS, AS4_PATH and AS4_AGGREGATOR (RFC
   *     6793)
   * @param withClassicNextHop whether NEXT_HOP is among them; only for an IPv4 next hop
   */
  public byte[] encode(boolean fourOctetAs, boolean withClassicNextHop) {
    return new AttributeWriter(this).write(fourOctetAs, withClassicNextHop);
  }

  /** 0 IGP, 1 EGP, 2 INCOMPLETE. */
  public int origin() {
    return origin;
  }

  /** The ASs the route came through. */
  public AsPath asPath() {
    return asPath;
  }

  /** NEXT_HOP or the global address of MP_REACH_NLRI; 0.0.0.0 or :: means oneself. */
  public IpAddress nextHop() {
    return nextHop;
  }

  /** The link-local address beside a global IPv6 next hop (RFC 2545). */
  public Optional<IpAddress> linkLocalNextHop() {
    return Optional.ofNullable(linkLocal);
  }

  /** Both as MP_REACH_NLRI has them, one behind the other (RFC 2545 3); one alone without. */
  public byte[] nextHopOctets() {
    byte[] first = nextHop.bytes();
    if (linkLocal == null) {
      return first;
    }
    byte[] both = Arrays.copyOf(first, first.length + 16);
    System.arraycopy(linkLocal.bytes(), 0, both, first.length, 16);
    return both;
  }

  /** Whether MULTI_EXIT_DISC is there. */
  public boolean hasMed() {
    return hasMed;
  }

  /** MULTI_EXIT_DISC, 0 if absent. */
  public long med() {
    return med & 0xffffffffL;
  }

  /** Whether LOCAL_PREF is there. */
  public boolean hasLocalPref() {
    return hasLocalPref;
  }

  /** LOCAL_PREF, 100 if absent. */
  public long localPref() {
    return hasLocalPref ? localPref & 0xffffffffL : DEFAULT_LOCAL_PREF;
  }

  /** Whether ATOMIC_AGGREGATE is there. */
  public boolean atomicAggregate() {
    return atomicAggregate;
  }

  /** AGGREGATOR. */
  public Optional<Aggregator> aggregator() {
    return Optional.ofNullable(aggregator);
  }

  /** Whether this community is among COMMUNITIES. */
  public boolean hasCommunity(int community) {
    return indexOf(communities, community) >= 0;
  }

  /** How many communities there are. */
  public int communityCount() {
    return communities.length;
  }

  /** The i-th community, in the order they came. */
  public int community(int i) {
    return communities[i];
  }

  /** How many extended communities there are. */
  public int extendedCommunityCount() {
    return extendedCommunities.length;
  }

  /** The i-th extended community, its eight octets as a number. */
  public long extendedCommunity(int i) {
    return extendedCommunities[i];
  }

  /** How many large communities there are. */
  public int largeCommunityCount() {
    return largeCommunities.length / 3;
  }

  /** The i-th large community, in ascending order. */
  public LargeCommunity largeCommunity(int i) {
    return new LargeCommunity(
        largeCommunities[3 * i] & 0xffffffffL,
        largeCommunities[3 * i + 1] & 0xffffffffL,
        largeCommunities[3 * i + 2] & 0xffffffffL);
  }

  /** Whether this large community is there. */
  public boolean hasLargeCommunity(LargeCommunity community) {
    for (int i = 0; i < largeCommunityCount(); i++) {
      if (largeCommunity(i).equals(community)) {
        return true;
      }
    }
    return false;
  }

  /** Whether ORIGINATOR_ID is there. */
  public boolean hasOriginatorId() {
    return hasOriginatorId;
  }

  /** ORIGINATOR_ID, 0 if absent. */
  public int originatorId() {
    return originatorId;
  }

  /** How many clusters CLUSTER_LIST names. */
  public int clusterCount() {
    return clusters.length;
  }

  /** The i-th cluster, the latest first. */
  public int cluster(int i) {
    return clusters[i];
  }

  /** Whether this cluster is in CLUSTER_LIST. */
  public boolean hasCluster(int id) {
    return indexOf(clusters, id) >= 0;
  }

  /** The AS of ONLY_TO_CUSTOMER (RFC 9234), 0 if absent. */
  public long otc() {
    return otc & 0xffffffffL;
  }

  /** The attributes carried without being understood, in ascending order of code. */
  public List<OpaqueAttribute> opaque() {
    return opaque;
  }

  private static int indexOf(int[] values, int value) {
    for (int i = 0; i < values.length; i++) {
      if (values[i] == value) {
        return i;
      }
    }
    return -1;
  }

  private int computeHash() {
    int result = Objects.hash(asPath, nextHop, linkLocal, aggregator, opaque);
    result = 31 * result + Arrays.hashCode(communities);
    result = 31 * result + Arrays.hashCode(extendedCommunities);
    result = 31 * result + Arrays.hashCode(largeCommunities);
    result = 31 * result + Arrays.hashCode(clusters);
    result = 31 * result + Objects.hash(origin, hasMed, med, hasLocalPref, localPref);
    return 31 * result + Objects.hash(atomicAggregate, hasOriginatorId, originatorId, otc);
  }

  @Override
  public boolean equals(@Nullable Object object) {
    return object == this
        || (object instanceof AttributeSet other
            && hash == other.hash
            && origin == other.origin
            && hasMed == other.hasMed
            && hasLocalPref == other.hasLocalPref
            && atomicAggregate == other.atomicAggregate
            && hasOriginatorId == other.hasOriginatorId
            && med == other.med
            && localPref == other.localPref
            && originatorId == other.originatorId
            && otc == other.otc
            && asPath.equals(other.asPath)
            && nextHop.equals(other.nextHop)
            && Objects.equals(linkLocal, other.linkLocal)
            && Objects.equals(aggregator, other.aggregator)
            && Arrays.equals(communities, other.communities)
            && Arrays.equals(extendedCommunities, other.extendedCommunities)
            && Arrays.equals(largeCommunities, other.largeCommunities)
            && Arrays.equals(clusters, other.clusters)
            && opaque.equals(other.opaque));
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** The values that are there, for a log line. */
  @Override
  public String toString() {
    return AttributeText.of(this);
  }
}
