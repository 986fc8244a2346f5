package io.denim.bgp.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.wire.AsPath;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.AttributeSetBuilder;
import io.denim.bgp.wire.LargeCommunity;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;

/** Policies against an evaluator that knows nothing but plain lists and sets. */
@Tag("G12")
class PolicyPropertyTest {
  /** What of a route the policies of this test can ask or change, as plain values. */
  private static final class Plain {
    long localPref = 100;
    boolean hasLocalPref;
    long med;
    boolean hasMed;
    int origin;
    IpAddress nextHop = IpAddress.ANY_V4;
    List<Long> path = new ArrayList<>();
    Set<Integer> communities = new LinkedHashSet<>();
    Set<Long> extended = new LinkedHashSet<>();
    Set<LargeCommunity> large = new TreeSet<>();

    AttributeSet attributes() {
      AttributeSetBuilder builder =
          AttributeSet.builder()
              .origin(origin)
              .nextHop(nextHop)
              .asPath(AsPath.of(path.stream().mapToLong(as -> as).toArray()))
              .communities(communities.stream().mapToInt(c -> c).toArray())
              .extendedCommunities(extended.stream().mapToLong(c -> c).toArray())
              .largeCommunities(large);
      if (hasLocalPref) {
        builder.localPref(localPref);
      }
      return hasMed ? builder.med(med).build() : builder.build();
    }

    boolean holds(Condition condition, Cidr prefix, Source source, String peer, String kind) {
      return switch (condition) {
        case Condition.PrefixIn(PrefixSet set) ->
            set.matches().stream().anyMatch(match -> match.matches(prefix));
        case Condition.HasCommunity(List<Integer> anyOf) ->
            anyOf.stream().anyMatch(communities::contains);
        case Condition.HasExtCommunity(List<Long> anyOf) ->
            anyOf.stream().anyMatch(extended::contains);
        case Condition.HasLargeCommunity(List<LargeCommunity> anyOf) ->
            anyOf.stream().anyMatch(large::contains);
        case Condition.AsPathStartsWith(List<Long> start) ->
            path.size() >= start.size() && path.subList(0, start.size()).equals(start);
        case Condition.AsPathContains(List<Long> anyOf) -> anyOf.stream().anyMatch(path::contains);
        case Condition.AsPathLength(int min, int max) -> path.size() >= min && path.size() <= max;
        case Condition.OriginatedBy(List<Long> anyOf) ->
            !path.isEmpty() && anyOf.contains(path.getLast());
        case Condition.LocalPrefIs(long value) -> localPref == value;
        case Condition.MedIs(long value) -> med == value;
        case Condition.FromSource(Source wanted) -> wanted == source;
        case Condition.FromPeer(Glob name) -> peer.matches(name.pattern().replace("*", ".*"));
        case Condition.KindIs(Glob name) -> kind.matches(name.pattern().replace("*", ".*"));
        case Condition.NextHopIn(List<Cidr> anyOf) ->
            anyOf.stream().anyMatch(cidr -> cidr.contains(nextHop));
        case Condition.FamilyIs(Family family) -> prefix.family() == family;
        case Condition.Not(Condition inner) -> !holds(inner, prefix, source, peer, kind);
      };
    }

    void change(Action action) {
      switch (action) {
        case Action.SetLocalPref(long value) -> {
          localPref = value;
          hasLocalPref = true;
        }
        case Action.SetMed(long value) -> {
          med = value;
          hasMed = true;
        }
        case Action.RemoveMed() -> {
          med = 0;
          hasMed = false;
        }
        case Action.SetOrigin(int value) -> origin = value;
        case Action.SetNextHop(IpAddress address) -> nextHop = address;
        case Action.AddCommunity(int community) -> communities.add(community);
        case Action.RemoveCommunity(int community) -> communities.remove(community);
        case Action.AddExtCommunity(long community) -> extended.add(community);
        case Action.RemoveExtCommunity(long community) -> extended.remove(community);
        case Action.AddLargeCommunity(LargeCommunity community) -> large.add(community);
        case Action.RemoveLargeCommunity(LargeCommunity community) -> large.remove(community);
        case Action.Prepend(List<Long> numbers) -> path.addAll(0, numbers);
      }
    }
  }

  /** Makes policies and routes of few values, so that conditions often hold. */
  private record Maker(Random random) {
    int below(int bound) {
      return random.nextInt(bound);
    }

    <T> List<T> some(Supplier<T> one) {
      return Stream.generate(one).limit(1 + below(3)).toList();
    }

    <T extends Enum<T>> T any(Class<T> type) {
      List<T> all = List.copyOf(EnumSet.allOf(type));
      return all.get(below(all.size()));
    }

    long as() {
      return 65000L + below(4);
    }

    LargeCommunity large() {
      return new LargeCommunity(64512, below(2), below(2));
    }

    Cidr prefix() {
      return below(4) == 0
          ? Cidr.of(IpAddress.v6(0xfd00L << 48 | below(4), 0), below(129))
          : Cidr.of(IpAddress.v4(0x0a00_0000 | below(4) << 22), below(33));
    }

    PrefixMatch match() {
      Cidr prefix = prefix();
      int bits = prefix.family().bits();
      int min = prefix.length() + below(bits - prefix.length() + 1);
      return new PrefixMatch(prefix, min, min + below(bits - min + 1));
    }

    Condition condition() {
      return switch (below(16)) {
        case 0 -> new Condition.PrefixIn(PrefixSet.of(some(this::match)));
        case 1 -> new Condition.HasCommunity(some(() -> below(4)));
        case 2 -> new Condition.HasExtCommunity(some(() -> (long) below(4)));
        case 3 -> new Condition.HasLargeCommunity(some(this::large));
        case 4 -> new Condition.AsPathStartsWith(some(this::as));
        case 5 -> new Condition.AsPathContains(some(this::as));
        case 6 -> new Condition.AsPathLength(below(2), 1 + below(3));
        case 7 -> new Condition.OriginatedBy(some(this::as));
        case 8 -> new Condition.LocalPrefIs(100L * below(3));
        case 9 -> new Condition.MedIs(below(3));
        case 10 -> new Condition.FromSource(any(Source.class));
        case 11 -> new Condition.FromPeer(new Glob(List.of("tor-*", "*-1", "x").get(below(3))));
        case 12 -> new Condition.KindIs(new Glob(List.of("block", "*", "b*").get(below(3))));
        case 13 -> new Condition.NextHopIn(some(this::prefix));
        case 14 -> new Condition.FamilyIs(any(Family.class));
        default -> new Condition.Not(condition());
      };
    }

    Action action() {
      return switch (below(12)) {
        case 0 -> new Action.SetLocalPref(100L * below(3));
        case 1 -> new Action.SetMed(below(3));
        case 2 -> new Action.RemoveMed();
        case 3 -> new Action.SetOrigin(below(3));
        case 4 -> new Action.SetNextHop(IpAddress.v4(0x0a00_0001 | below(4) << 22));
        case 5 -> new Action.AddCommunity(below(4));
        case 6 -> new Action.RemoveCommunity(below(4));
        case 7 -> new Action.AddExtCommunity(below(4));
        case 8 -> new Action.RemoveExtCommunity(below(4));
        case 9 -> new Action.AddLargeCommunity(large());
        case 10 -> new Action.RemoveLargeCommunity(large());
        default -> new Action.Prepend(some(this::as));
      };
    }

    Rule rule(String name) {
      List<Condition> conditions = below(4) == 0 ? List.of() : some(this::condition);
      return switch (below(4)) {
        case 0 -> new Rule(name, conditions, List.of(), Verdict.REJECT);
        case 1 -> new Rule(name, conditions, some(this::action), Verdict.ACCEPT);
        default -> new Rule(name, conditions, some(this::action), Verdict.CONTINUE);
      };
    }

    Policy policy() {
      List<Rule> rules = new ArrayList<>();
      for (int i = below(8); i > 0; i--) {
        rules.add(rule("rule-" + i));
      }
      return new Policy("p", rules, random.nextBoolean() ? Verdict.ACCEPT : Verdict.REJECT);
    }

    Plain plain() {
      Plain plain = new Plain();
      Stream.generate(this::action).limit(below(10)).forEach(plain::change);
      return plain;
    }
  }

  private static Result naive(
      Policy policy, Plain plain, Cidr prefix, Source source, String peer, String kind) {
    for (Rule rule : policy.rules()) {
      boolean holds =
          rule.conditions().stream()
              .allMatch(condition -> plain.holds(condition, prefix, source, peer, kind));
      if (holds) {
        rule.actions().forEach(plain::change);
        if (rule.verdict() == Verdict.REJECT) {
          return new Result.Rejected(rule.name());
        }
        if (rule.verdict() == Verdict.ACCEPT) {
          return new Result.Accepted(plain.attributes(), rule.name());
        }
      }
    }
    return policy.otherwise() == Verdict.ACCEPT
        ? new Result.Accepted(plain.attributes(), Policy.OTHERWISE)
        : new Result.Rejected(Policy.OTHERWISE);
  }

  @Property(tries = 3000)
  void aPolicySaysWhatAPlainReadingOfItSays(@ForAll long seed) {
    Maker maker = new Maker(new Random(seed));
    Policy policy = maker.policy();
    Plain plain = maker.plain();
    Cidr prefix = maker.prefix();
    Source source = maker.any(Source.class);
    String peer = source == Source.LOCAL ? "" : "tor-" + maker.below(2);
    String kind = source == Source.LOCAL ? "block" : "";
    Subject route =
        source == Source.LOCAL
            ? Subject.local(prefix, plain.attributes(), kind)
            : Subject.learned(prefix, plain.attributes(), source, peer);

    Result result = policy.apply(route);

    assertThat(result).isEqualTo(naive(policy, plain, prefix, source, peer, kind));
  }
}
