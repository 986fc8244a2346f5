package io.denim.router;

import io.denim.bgp.config.Aggregate;
import io.denim.bgp.config.LocalRoute;
import io.denim.bgp.wire.LargeCommunity;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads the members of {@code routes} and {@code aggregates}. */
final class RouteYaml {
  static final List<String> ROUTE_KEYS =
      List.of(
          "prefix",
          "next-hop",
          "origin",
          "med",
          "local-pref",
          "communities",
          "large-communities",
          "kind");
  static final List<String> AGGREGATE_KEYS = List.of("prefix", "summary-only");
  private static final String PREFIX = "such as 10.244.0.0/16 or fd00:10::/48";

  private RouteYaml() {}

  static Optional<LocalRoute> route(YamlMap map) {
    map.allow(ROUTE_KEYS);
    Optional<Cidr> prefix = prefix(map);
    Optional<IpAddress> nextHop =
        map.parse("next-hop", "such as 10.0.0.2 or fd00::2", IpAddress::parse);
    int origin = map.word("origin", Words.ORIGINS).orElse(0);
    OptionalLong med = number(map, "med");
    OptionalLong localPref = number(map, "local-pref");
    List<Integer> communities =
        map.oneOrMore("communities", CommunityText.COMMUNITY, CommunityText::parse);
    List<LargeCommunity> large =
        map.oneOrMore("large-communities", CommunityText.LARGE, LargeCommunity::parse);
    String kind = map.text("kind").orElse(LocalRoute.STATIC);
    return prefix.flatMap(to ->
        map.self()
            .attempt(() ->
                new LocalRoute(to, nextHop, origin, med, localPref, communities, large, kind)));
  }

  static Optional<Aggregate> aggregate(YamlMap map) {
    map.allow(AGGREGATE_KEYS);
    boolean summaryOnly = map.bool("summary-only").orElse(false);
    return prefix(map)
        .flatMap(prefix -> map.self().attempt(() -> new Aggregate(prefix, summaryOnly)));
  }

  private static Optional<Cidr> prefix(YamlMap map) {
    return map.required("prefix", PREFIX).flatMap(value -> value.parse(PREFIX, Cidr::strict));
  }

  private static OptionalLong number(YamlMap map, String key) {
    return map.number(key, 0, PolicyYaml.MAX_U32)
        .map(OptionalLong::of)
        .orElse(OptionalLong.empty());
  }
}
