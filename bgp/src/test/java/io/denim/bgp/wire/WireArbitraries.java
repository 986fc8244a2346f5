package io.denim.bgp.wire;

import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Values for properties. */
final class WireArbitraries {
  private static final long MAX = 0xffffffffL;

  private WireArbitraries() {}

  static Arbitrary<Long> as() {
    return Arbitraries.oneOf(
        Arbitraries.longs().between(1, 0xffff), Arbitraries.longs().between(1, MAX));
  }

  static Arbitrary<AsPath> paths(AsPath.SegmentType... types) {
    Arbitrary<AsPath.Segment> segment =
        Combinators.combine(Arbitraries.of(types), as().list().ofMinSize(1).ofMaxSize(255))
            .as(AsPath.Segment::new);
    return segment.list().ofMaxSize(3).map(AsPath::of);
  }

  static Arbitrary<AttributeSet> sets(Arbitrary<AsPath> paths, boolean v6) {
    Arbitrary<AttributeSetBuilder> base =
        Combinators.combine(
                paths,
                Arbitraries.integers().between(0, 2),
                Arbitraries.longs().between(0, MAX).optional(),
                Arbitraries.longs().between(0, MAX),
                Arbitraries.of(true, false),
                nextHops(v6))
            .as((path, origin, med, localPref, atomic, nextHop) -> {
              AttributeSetBuilder builder = AttributeSet.builder().asPath(path).origin(origin);
              med.ifPresent(builder::med);
              return builder.localPref(localPref).atomicAggregate(atomic).nextHop(nextHop);
            });
    return Combinators.combine(base, lists(), rest())
        .as((builder, lists, rest) -> {
          lists.toBuilderOf(builder);
          rest.toBuilderOf(builder);
          return builder.build();
        });
  }

  private static Arbitrary<IpAddress> nextHops(boolean v6) {
    return v6
        ? Arbitraries.longs().map(low -> IpAddress.v6(0xfd00_0000_0000_0000L, low))
        : Arbitraries.integers().between(0x0100_0000, 0x7eff_ffff).map(IpAddress::v4);
  }

  private record Lists(
      List<Integer> communities,
      List<Long> extended,
      List<LargeCommunity> large,
      List<Integer> clusters) {
    void toBuilderOf(AttributeSetBuilder builder) {
      builder
          .communities(ints(communities))
          .extendedCommunities(extended.stream().mapToLong(Long::longValue).toArray())
          .largeCommunities(large)
          .clusters(ints(clusters));
    }
  }

  private static int[] ints(List<Integer> list) {
    return list.stream().mapToInt(Integer::intValue).toArray();
  }

  private static Arbitrary<Lists> lists() {
    Arbitrary<Long> number = Arbitraries.longs().between(0, MAX);
    Arbitrary<LargeCommunity> large =
        Combinators.combine(number, number, number).as(LargeCommunity::new);
    return Combinators.combine(
            Arbitraries.integers().list().ofMaxSize(80),
            Arbitraries.longs().list().ofMaxSize(40),
            large.list().ofMaxSize(30),
            Arbitraries.integers().list().ofMaxSize(5))
        .as(Lists::new);
  }

  private record Rest(
      Optional<Aggregator> aggregator,
      Optional<Integer> originator,
      long otc,
      Set<Integer> opaque,
      OpaqueAttribute value) {
    void toBuilderOf(AttributeSetBuilder builder) {
      aggregator.ifPresent(builder::aggregator);
      originator.ifPresent(builder::originatorId);
      builder.otc(otc);
      builder.opaque(
          opaque.stream().map(code -> new OpaqueAttribute(code, 0xe0, value.value())).toList());
    }
  }

  private static Arbitrary<Rest> rest() {
    Arbitrary<Aggregator> aggregators =
        Combinators.combine(as(), Arbitraries.integers().map(IpAddress::v4)).as(Aggregator::new);
    return Combinators.combine(
            aggregators.optional(),
            Arbitraries.integers().optional(),
            Arbitraries.longs().between(0, MAX),
            Arbitraries.of(20, 23, 28, 33, 39, 128, 255).set().ofMaxSize(4),
            Arbitraries.bytes()
                .array(byte[].class)
                .ofMaxSize(300)
                .map(bytes -> new OpaqueAttribute(0, 0, bytes)))
        .as(Rest::new);
  }

  static Arbitrary<Open> opens() {
    Arbitrary<Map<Family, Boolean>> kept =
        Arbitraries.maps(Arbitraries.of(Family.class), Arbitraries.of(true, false));
    Arbitrary<GracefulRestart> restarts =
        Combinators.combine(
                Arbitraries.of(true, false),
                Arbitraries.of(true, false),
                Arbitraries.integers().between(0, 4095),
                kept)
            .as(GracefulRestart::new);
    Arbitrary<Map<Family, LongLived>> longLived =
        Arbitraries.maps(
            Arbitraries.of(Family.class),
            Combinators.combine(
                    Arbitraries.of(true, false), Arbitraries.integers().between(0, 0xffffff))
                .as(LongLived::new));
    Arbitrary<String> texts = Arbitraries.strings().withCharRange(' ', '~').ofMaxLength(64);
    Arbitrary<CapabilitiesBuilder> first =
        Combinators.combine(
                Arbitraries.of(Family.class).set(),
                Arbitraries.of(true, false).list().ofSize(5),
                Arbitraries.integers().between(0, 4).optional(),
                restarts.optional())
            .as((families, flags, role, restart) -> {
              CapabilitiesBuilder builder = Capabilities.builder().fourOctetAs();
              families.forEach(builder::family);
              builder = flags.get(0) ? builder.routeRefresh() : builder;
              builder = flags.get(1) ? builder.ipv4OverIpv6NextHop() : builder;
              builder = flags.get(2) ? builder.extendedMessages() : builder;
              builder = flags.get(3) ? builder.enhancedRefresh() : builder;
              role.ifPresent(builder::role);
              restart.ifPresent(builder::gracefulRestart);
              return builder;
            });
    Arbitrary<Capabilities> capabilities =
        Combinators.combine(
                first,
                Arbitraries.maps(Arbitraries.of(Family.class), Arbitraries.of(AddPath.class)),
                longLived.optional(),
                Combinators.combine(texts, texts).as(HostName::new).optional(),
                texts.optional())
            .as((builder, addPath, stale, name, version) -> {
              addPath.forEach(builder::addPath);
              stale.ifPresent(builder::longLived);
              name.ifPresent(builder::hostName);
              version.ifPresent(builder::softwareVersion);
              return builder.build();
            });
    return Combinators.combine(
            as(),
            Arbitraries.integers().between(3, 0xffff),
            Arbitraries.integers().filter(id -> id != 0),
            capabilities)
        .as(Open::new);
  }
}
