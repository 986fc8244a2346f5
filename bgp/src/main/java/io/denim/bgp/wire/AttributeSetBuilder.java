package io.denim.bgp.wire;

import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Makes an {@link AttributeSet}, from nothing or from another. Arrays are never written to once
 * they are here, so sets and builders share them.
 */
public final class AttributeSetBuilder {
  private static final int[] NO_INTS = {};
  private static final long[] NO_LONGS = {};

  /** The bit of an extended community's first octet that says it ends at the AS (RFC 4360). */
  private static final long NON_TRANSITIVE = 0x40L << 56;

  int origin;
  boolean hasMed;
  boolean hasLocalPref;
  boolean atomicAggregate;
  boolean hasOriginatorId;
  int med;
  int localPref;
  int originatorId;
  int otc;
  AsPath asPath = AsPath.EMPTY;
  IpAddress nextHop = IpAddress.ANY_V4;
  @Nullable IpAddress linkLocal;
  @Nullable Aggregator aggregator;
  int[] communities = NO_INTS;
  long[] extendedCommunities = NO_LONGS;
  int[] largeCommunities = NO_INTS;
  int[] clusters = NO_INTS;
  List<OpaqueAttribute> opaque = List.of();

  AttributeSetBuilder() {}

  /** ORIGIN: 0 IGP, 1 EGP, 2 INCOMPLETE. */
  public AttributeSetBuilder origin(int value) {
    if (value < 0 || value > 2) {
      throw new IllegalArgumentException("ORIGIN is 0, 1 or 2, got " + value);
    }
    origin = value;
    return this;
  }

  /** AS_PATH. */
  public AttributeSetBuilder asPath(AsPath path) {
    asPath = path;
    return this;
  }

  /** The next hop; forgets a link-local one beside the former. */
  public AttributeSetBuilder nextHop(IpAddress address) {
    nextHop = address;
    linkLocal = null;
    return this;
  }

  /** The link-local address beside the global next hop. */
  public AttributeSetBuilder linkLocal(IpAddress address) {
    linkLocal = address;
    return this;
  }

  /** MULTI_EXIT_DISC. */
  public AttributeSetBuilder med(long value) {
    med = unsigned(value, "MULTI_EXIT_DISC");
    hasMed = true;
    return this;
  }

  /** Without MULTI_EXIT_DISC. */
  public AttributeSetBuilder noMed() {
    med = 0;
    hasMed = false;
    return this;
  }

  /** LOCAL_PREF. */
  public AttributeSetBuilder localPref(long value) {
    localPref = unsigned(value, "LOCAL_PREF");
    hasLocalPref = true;
    return this;
  }

  /** Without LOCAL_PREF. */
  public AttributeSetBuilder noLocalPref() {
    localPref = 0;
    hasLocalPref = false;
    return this;
  }

  /** ATOMIC_AGGREGATE, or not. */
  public AttributeSetBuilder atomicAggregate(boolean present) {
    atomicAggregate = present;
    return this;
  }

  /** AGGREGATOR. */
  public AttributeSetBuilder aggregator(Aggregator value) {
    aggregator = value;
    return this;
  }

  /** Without AGGREGATOR. */
  public AttributeSetBuilder noAggregator() {
    aggregator = null;
    return this;
  }

  /** COMMUNITIES: these and no others, in this order. */
  public AttributeSetBuilder communities(int... values) {
    communities = values.clone();
    return this;
  }

  /** One community more, unless it is there. */
  public AttributeSetBuilder addCommunity(int community) {
    if (Arrays.stream(communities).noneMatch(present -> present == community)) {
      communities = Arrays.copyOf(communities, communities.length + 1);
      communities[communities.length - 1] = community;
    }
    return this;
  }

  /** Without this community. */
  public AttributeSetBuilder removeCommunity(int community) {
    communities = Arrays.stream(communities).filter(present -> present != community).toArray();
    return this;
  }

  /** EXTENDED_COMMUNITIES: these and no others, in this order. */
  public AttributeSetBuilder extendedCommunities(long... values) {
    extendedCommunities = values.clone();
    return this;
  }

  /** One extended community more, unless it is there. */
  public AttributeSetBuilder addExtendedCommunity(long community) {
    if (Arrays.stream(extendedCommunities).noneMatch(present -> present == community)) {
      extendedCommunities = Arrays.copyOf(extendedCommunities, extendedCommunities.length + 1);
      extendedCommunities[extendedCommunities.length - 1] = community;
    }
    return this;
  }

  /** Without this extended community. */
  public AttributeSetBuilder removeExtendedCommunity(long community) {
    extendedCommunities =
        Arrays.stream(extendedCommunities).filter(present -> present != community).toArray();
    return this;
  }

  /** Without extended communities that end at the AS, as an external peer gets them. */
  public AttributeSetBuilder removeNonTransitive() {
    extendedCommunities =
        Arrays.stream(extendedCommunities)
            .filter(community -> (community & NON_TRANSITIVE) == 0)
            .toArray();
    return this;
  }

  /** LARGE_COMMUNITIES: these and no others; kept in order, each once. */
  public AttributeSetBuilder largeCommunities(Iterable<LargeCommunity> values) {
    TreeSet<LargeCommunity> sorted = new TreeSet<>();
    values.forEach(sorted::add);
    int[] numbers = new int[3 * sorted.size()];
    int at = 0;
    for (LargeCommunity community : sorted) {
      numbers[at++] = (int) community.global();
      numbers[at++] = (int) community.local1();
      numbers[at++] = (int) community.local2();
    }
    largeCommunities = numbers;
    return this;
  }

  /** One large community more, unless it is there. */
  public AttributeSetBuilder addLargeCommunity(LargeCommunity community) {
    List<LargeCommunity> all = presentLargeCommunities();
    all.add(community);
    return largeCommunities(all);
  }

  /** Without this large community. */
  public AttributeSetBuilder removeLargeCommunity(LargeCommunity community) {
    List<LargeCommunity> all = presentLargeCommunities();
    all.remove(community);
    return largeCommunities(all);
  }

  private List<LargeCommunity> presentLargeCommunities() {
    AttributeSet present = build();
    List<LargeCommunity> all = new ArrayList<>();
    for (int i = 0; i < present.largeCommunityCount(); i++) {
      all.add(present.largeCommunity(i));
    }
    return all;
  }

  /** ORIGINATOR_ID. */
  public AttributeSetBuilder originatorId(int id) {
    originatorId = id;
    hasOriginatorId = true;
    return this;
  }

  /** Without ORIGINATOR_ID. */
  public AttributeSetBuilder noOriginator() {
    originatorId = 0;
    hasOriginatorId = false;
    return this;
  }

  /** CLUSTER_LIST: these and no others. */
  public AttributeSetBuilder clusters(int... ids) {
    clusters = ids.clone();
    return this;
  }

  /** One cluster in front. */
  public AttributeSetBuilder prependCluster(int id) {
    int[] longer = new int[clusters.length + 1];
    longer[0] = id;
    System.arraycopy(clusters, 0, longer, 1, clusters.length);
    clusters = longer;
    return this;
  }

  /** Without CLUSTER_LIST. */
  public AttributeSetBuilder noClusters() {
    clusters = NO_INTS;
    return this;
  }

  /** ONLY_TO_CUSTOMER; 0 for none. */
  public AttributeSetBuilder otc(long as) {
    otc = unsigned(as, "ONLY_TO_CUSTOMER");
    return this;
  }

  /** The attributes carried without being understood: these and no others. */
  public AttributeSetBuilder opaque(List<OpaqueAttribute> attributes) {
    opaque = attributes.stream().sorted(Comparator.comparingInt(OpaqueAttribute::code)).toList();
    return this;
  }

  /** The set. The builder may go on being used. */
  public AttributeSet build() {
    return new AttributeSet(this);
  }

  private static int unsigned(long value, String name) {
    if (value < 0 || value > 0xffffffffL) {
      throw new IllegalArgumentException(name + " is 0 to 4294967295, got " + value);
    }
    return (int) value;
  }
}
