package io.denim.bgp.rib;

import io.denim.bgp.config.NextHopMode;
import io.denim.bgp.policy.Policy;
import io.denim.bgp.policy.Result;
import io.denim.bgp.policy.Subject;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.AttributeSetBuilder;
import io.denim.bgp.wire.Community;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What of a path a group is told: the rules of RFC 4271 5.1 and 9.2, of reflection (RFC 4456), of
 * well-known communities (RFC 1997, RFC 9494), of roles (RFC 9234), of a session that is to end
 * (RFC 8326), and the group's policy. The result of one set of attributes from one source is found
 * once, and has a number.
 */
final class Export {
  /** Nothing is told. */
  static final int NOTHING = 0;

  /** The next hop of a set whose block has it. */
  private static final byte[] IN_BLOCK = new byte[0];

  /** Header, both lengths, and MP_REACH_NLRI with two next hops and a prefix with its path id. */
  private static final int OVERHEAD = 19 + 4 + 4 + 5 + 32 + 21;

  private static final long NOWHERE = -1;
  private static final int CHOSEN_NEXT_HOP = 1;
  private static final int CHOSEN_MED = 2;

  private final GroupKey key;
  private final Sources sources;
  private final AttributeTable attributes;
  private final boolean acceptsAll;
  private final LongIntMap found = new LongIntMap();

  /** What was found last: the next prefix has most often the same. */
  private long lastAt = NOWHERE;

  private int lastFound;
  private final Map<Identity, Integer> numbers = new HashMap<>();
  private final List<@Nullable OutSet> sets = new ArrayList<>();
  private final List<Integer> free = new ArrayList<>();
  private long tooLong;

  /** What makes two of them the same. */
  private record Identity(AttributeSet attributes, int source) {}

  Export(GroupKey key, Sources sources, AttributeTable attributes) {
    this.key = key;
    acceptsAll = key.policy().equals(Policy.ACCEPT_ALL);
    this.sources = sources;
    this.attributes = attributes;
    sets.add(null);
  }

  OutSet get(int number) {
    return Objects.requireNonNull(sets.get(number), "what a group has told and given up");
  }

  /** How many sets there are. */
  int size() {
    return sets.size() - free.size();
  }

  /** How many sets of attributes were too long for a message of this group's peers. */
  long tooLong() {
    return tooLong;
  }

  /**
   * The number of what is told of a path; {@link #NOTHING} when nothing is.
   *
   * @param source of the path
   * @param set its attributes
   */
  int of(int source, int set, PrefixTable prefixes, int prefix) {
    return acceptsAll ? known(source, set, 0) : byPolicy(source, set, prefixes, prefix);
  }

  private int byPolicy(int source, int set, PrefixTable prefixes, int prefix) {
    if (!(key.policy().apply(subject(source, set, prefixes, prefix))
        instanceof Result.Accepted accepted)) {
      return NOTHING;
    }
    int told = attributes.intern(accepted.attributes());
    int chosen = told == set ? 0 : chosen(attributes.get(set), attributes.get(told));
    return known(source, told, chosen);
  }

  private int known(int source, int told, int chosen) {
    long at = (long) told << 32 | (long) source << 2 | chosen;
    return at == lastAt ? lastFound : find(at, source, told, chosen);
  }

  private int find(long at, int source, int told, int chosen) {
    int known = found.get(at);
    if (known == LongIntMap.ABSENT) {
      known = number(source, attributes.get(told), chosen);
      found.put(at, known);
    }
    lastAt = at;
    lastFound = known;
    return known;
  }

  /** What a peer is told of a path and by which rule, or what keeps it from being told. */
  String explain(int source, int set, PrefixTable prefixes, int prefix, int peer) {
    SourceInfo from = sources.info(source);
    Result result = key.policy().apply(subject(source, set, prefixes, prefix));
    String rule =
        " the export policy \"" + key.policy().name() + "\", rule \"" + result.rule() + "\"";
    if (!(result instanceof Result.Accepted accepted)) {
      return "not announced: rejected by" + rule;
    }
    AttributeSet told = accepted.attributes();
    Optional<String> kept = keptBack(from, told);
    if (kept.isPresent()) {
      return "not announced: " + kept.get();
    }
    int out = of(source, set, prefixes, prefix);
    if (out == NOTHING) {
      IpAddress nextHop =
          leaving(from, told, chosen(attributes.get(set), told)).orElseThrow().nextHop();
      if (!isTaken(nextHop)) {
        return "not announced: the peer takes no next hop such as "
            + nextHop
            + " with routes of "
            + key.family()
            + " (RFC 8950)";
      }
      return "not announced: its attributes do not fit into a message of "
          + key.mostOctets()
          + " octets";
    }
    AttributeSet leaving = get(out).attributes();
    IpAddress nextHop = leaving.nextHop();
    int at = sources.at(nextHop);
    if (at > 0 && at == peer) {
      return "not announced: the next hop "
          + nextHop
          + " is this peer's own address (RFC 4271 5.1.3)";
    }
    return "announced by" + rule + ", with " + leaving + whyKept(from, told, nextHop);
  }

  private String whyKept(SourceInfo from, AttributeSet told, IpAddress nextHop) {
    boolean kept =
        key.external()
            && key.nextHop() == NextHopMode.AUTOMATIC
            && !from.isLocal()
            && nextHop.equals(told.nextHop())
            && isThirdParty(told);
    return kept
        ? "; the peer reaches the next hop itself, in " + key.subnet().get() + " (RFC 4271 5.1.3)"
        : "";
  }

  private Optional<String> keptBack(SourceInfo from, AttributeSet told) {
    if (told.hasCommunity(Community.NO_ADVERTISE)) {
      return Optional.of("it has the community no-advertise (RFC 1997)");
    }
    if (key.external()
        && (told.hasCommunity(Community.NO_EXPORT)
            || told.hasCommunity(Community.NO_EXPORT_SUBCONFED))) {
      return Optional.of(
          "it has the community no-export, and the peer is of another AS (RFC 1997)");
    }
    if (told.hasCommunity(Community.LLGR_STALE) && !key.longLived()) {
      return Optional.of("it is stale for long, and the peer does not know of that (RFC 9494)");
    }
    if (!key.external() && from.isInternal() && !from.client() && !key.client()) {
      return Optional.of(
          "it is of an internal peer, and neither that nor this one is a client (RFC 4456)");
    }
    return OnlyToCustomer.keptBack(key.role(), told);
  }

  private Subject subject(int source, int set, PrefixTable prefixes, int prefix) {
    SourceInfo info = sources.info(source);
    return new Subject(
        key.family(),
        prefixes.high(prefix),
        prefixes.low(prefix),
        prefixes.length(prefix),
        attributes.get(set),
        info.kind(),
        info.isLocal() ? "" : info.name(),
        sources.kind(source));
  }

  /** What the policy has chosen, so that the rules below leave it alone. */
  private static int chosen(AttributeSet came, AttributeSet told) {
    boolean nextHop = !told.nextHop().equals(came.nextHop());
    boolean med = told.hasMed() && (!came.hasMed() || came.med() != told.med());
    return (nextHop ? CHOSEN_NEXT_HOP : 0) | (med ? CHOSEN_MED : 0);
  }

  private int number(int source, AttributeSet told, int chosen) {
    Optional<AttributeSet> leaving = leaving(sources.info(source), told, chosen);
    if (leaving.isEmpty() || !isTaken(leaving.get().nextHop())) {
      return NOTHING;
    }
    Identity identity = new Identity(leaving.get(), source);
    Integer known = numbers.get(identity);
    if (known != null) {
      return known;
    }
    IpAddress nextHop = leaving.get().nextHop();
    boolean classic = key.family() == Family.IPV4 && nextHop.isV4();
    byte[] block = leaving.get().encode(key.fourOctetAs(), classic);
    if (block.length + OVERHEAD > key.mostOctets()) {
      tooLong++;
      return NOTHING;
    }
    OutSet set =
        new OutSet(
            leaving.get(), source, block, classic ? IN_BLOCK : leaving.get().nextHopOctets());
    int number;
    if (free.isEmpty()) {
      number = sets.size();
      sets.add(set);
    } else {
      number = free.removeLast();
      sets.set(number, set);
    }
    numbers.put(identity, number);
    return number;
  }

  /** Whether a peer understands a next hop of this family with its routes. */
  private boolean isTaken(IpAddress nextHop) {
    return key.family() == Family.IPV4 ? nextHop.isV4() || key.v4OverV6() : !nextHop.isV4();
  }

  /**
   * The attributes as they leave.
   *
   * @param told what the policy made of them
   * @param chosen what of that it has chosen
   */
  private Optional<AttributeSet> leaving(SourceInfo from, AttributeSet told, int chosen) {
    if (keptBack(from, told).isPresent()) {
      return Optional.empty();
    }
    AttributeSetBuilder leaving = told.toBuilder();
    if (key.external()) {
      toAnotherAs(from, told, chosen, leaving);
    } else if (from.isInternal()) {
      reflect(from, told, leaving);
    }
    if (!key.external()) {
      leaving.localPref(key.draining() ? 0 : told.localPref());
    }
    if (key.draining()) {
      leaving.addCommunity(Community.GRACEFUL_SHUTDOWN);
    }
    if (isOwnNextHop(from, told, chosen)) {
      leaving.nextHop(key.ownAddress());
      key.ownLinkLocal().ifPresent(leaving::linkLocal);
    } else if (!isThirdParty(told)) {
      // A link-local one beside it may be of another link than the peer's (RFC 2545 3).
      leaving.nextHop(told.nextHop());
    }
    return Optional.of(leaving.build());
  }

  private void toAnotherAs(
      SourceInfo from, AttributeSet told, int chosen, AttributeSetBuilder leaving) {
    leaving
        .asPath(told.asPath().prepend(key.localAs(), 1))
        .noLocalPref()
        .noOriginator()
        .noClusters()
        .otc(OnlyToCustomer.leaving(key.role(), key.localAs(), told))
        .removeNonTransitive();
    if (!from.isLocal() && (chosen & CHOSEN_MED) == 0) {
      leaving.noMed();
    }
  }

  private void reflect(SourceInfo from, AttributeSet told, AttributeSetBuilder leaving) {
    if (!told.hasOriginatorId()) {
      leaving.originatorId(from.identifier());
    }
    leaving.prependCluster(key.clusterId());
  }

  private boolean isOwnNextHop(SourceInfo from, AttributeSet told, int chosen) {
    return told.nextHop().isAny()
        || ((chosen & CHOSEN_NEXT_HOP) == 0
            && !from.isLocal()
            && (told.nextHop().needsInterface()
                || switch (key.nextHop()) {
                  case SELF -> true;
                  case KEEP -> false;
                  case AUTOMATIC -> key.external() && !isThirdParty(told);
                }));
  }

  /** Whether an external peer reaches the next hop without this speaker (RFC 4271 5.1.3). */
  private boolean isThirdParty(AttributeSet told) {
    return key.subnet().filter(subnet -> subnet.contains(told.nextHop())).isPresent();
  }

  /** Whether a next hop is told by any of the sets. */
  boolean hasNextHop(IpAddress address) {
    for (OutSet set : sets) {
      if (set != null && set.attributes().nextHop().equals(address)) {
        return true;
      }
    }
    return false;
  }

  /** Forgets what was found, since numbers of sources or of sets mean others now. */
  void forget() {
    found.clear();
    lastAt = NOWHERE;
  }

  /** Adds the sources of all sets. */
  void addSources(BitSet used) {
    for (OutSet set : sets) {
      if (set != null) {
        used.set(set.source());
      }
    }
  }

  /** Gives up all sets but these. */
  void keepOnly(BitSet used) {
    for (int number = 1; number < sets.size(); number++) {
      OutSet set = sets.get(number);
      if (set != null && !used.get(number)) {
        numbers.remove(new Identity(set.attributes(), set.source()));
        sets.set(number, null);
        free.add(number);
      }
    }
    forget();
  }
}
