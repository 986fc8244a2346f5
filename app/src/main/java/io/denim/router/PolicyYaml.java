package io.denim.router;

import io.denim.bgp.policy.Action;
import io.denim.bgp.policy.Condition;
import io.denim.bgp.policy.Glob;
import io.denim.bgp.policy.Policy;
import io.denim.bgp.policy.PrefixMatch;
import io.denim.bgp.policy.PrefixSet;
import io.denim.bgp.policy.Rule;
import io.denim.bgp.policy.Verdict;
import io.denim.bgp.wire.LargeCommunity;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Reads {@code policies}: a list of rules under each name. */
final class PolicyYaml {
  static final long MAX_U32 = 0xffff_ffffL;
  static final List<String> RULE_KEYS = List.of("name", "if", "unless", "then", "verdict");
  static final List<String> CONDITION_KEYS =
      List.of(
          "prefix",
          "community",
          "large-community",
          "ext-community",
          "as-path-starts-with",
          "as-path-contains",
          "as-path-length",
          "originated-by",
          "local-pref",
          "med",
          "source",
          "peer",
          "kind",
          "next-hop",
          "family");
  static final List<String> ACTION_KEYS =
      List.of(
          "local-pref",
          "med",
          "origin",
          "next-hop",
          "remove-community",
          "remove-large-community",
          "remove-ext-community",
          "add-community",
          "add-large-community",
          "add-ext-community",
          "prepend");
  private static final String CIDRS = "such as 10.244.0.0/16 or fd00:10::/48";
  private static final String AS = "an AS number";

  private PolicyYaml() {}

  /**
   * The policies by name, accept and reject among them. One with problems is there too, so that its
   * name is known where it is used.
   */
  static Map<String, Policy> policies(Optional<YamlValue> given) {
    Map<String, Policy> policies = new LinkedHashMap<>();
    policies.put("accept", Policy.ACCEPT_ALL);
    policies.put("reject", Policy.REJECT_ALL);
    given.ifPresent(value ->
        value
            .map()
            .values()
            .forEach((name, rules) -> {
              if (policies.containsKey(name)) {
                rules.wrong("there is a policy " + name + " without being written", "another name");
              } else {
                policies.put(name, policy(name, rules).orElse(Policy.REJECT_ALL));
              }
            }));
    return policies;
  }

  private static Optional<Policy> policy(String name, YamlValue given) {
    List<Rule> rules = new ArrayList<>();
    int place = 0;
    for (YamlValue each : given.list("a list of rules")) {
      place++;
      rule(each, "rule-" + place).ifPresent(rules::add);
    }
    return given.attempt(() -> new Policy(name, rules, Verdict.REJECT));
  }

  private static Optional<Rule> rule(YamlValue given, String defaultName) {
    YamlMap map = given.map();
    map.allow(RULE_KEYS);
    String name = map.text("name").orElse(defaultName);
    List<Condition> conditions = new ArrayList<>();
    map.value("if").ifPresent(value -> conditions.addAll(conditions(value.map())));
    map.value("unless")
        .ifPresent(value ->
            conditions(value.map()).stream().map(Condition.Not::new).forEach(conditions::add));
    List<Action> actions = map.value("then").map(value -> actions(value.map())).orElse(List.of());
    Optional<Verdict> verdict =
        map.required("verdict", YamlValue.listed(List.copyOf(Words.VERDICTS.keySet())))
            .flatMap(value -> value.word(Words.VERDICTS));
    return verdict.flatMap(said -> given.attempt(() -> new Rule(name, conditions, actions, said)));
  }

  private static List<Condition> conditions(YamlMap map) {
    map.allow(CONDITION_KEYS);
    List<Condition> all = new ArrayList<>();
    any(
        all,
        map.oneOrMore("prefix", PrefixMatch.ALLOWED, PrefixMatch::parse),
        matches -> new Condition.PrefixIn(PrefixSet.of(matches)));
    any(
        all,
        map.oneOrMore("community", CommunityText.COMMUNITY, CommunityText::parse),
        Condition.HasCommunity::new);
    any(
        all,
        map.oneOrMore("large-community", CommunityText.LARGE, LargeCommunity::parse),
        Condition.HasLargeCommunity::new);
    any(
        all,
        map.oneOrMore("ext-community", CommunityText.EXTENDED, CommunityText::parseExtended),
        Condition.HasExtCommunity::new);
    any(all, numbers(map, "as-path-starts-with"), Condition.AsPathStartsWith::new);
    any(all, numbers(map, "as-path-contains"), Condition.AsPathContains::new);
    map.value("as-path-length").flatMap(PolicyYaml::pathLength).ifPresent(all::add);
    any(all, numbers(map, "originated-by"), Condition.OriginatedBy::new);
    map.number("local-pref", 0, MAX_U32).map(Condition.LocalPrefIs::new).ifPresent(all::add);
    map.number("med", 0, MAX_U32).map(Condition.MedIs::new).ifPresent(all::add);
    map.word("source", Words.SOURCES).map(Condition.FromSource::new).ifPresent(all::add);
    map.parse("peer", "a peer's name, such as tor-*", Glob::new)
        .map(Condition.FromPeer::new)
        .ifPresent(all::add);
    map.parse("kind", "a route's kind, such as static", Glob::new)
        .map(Condition.KindIs::new)
        .ifPresent(all::add);
    any(all, map.oneOrMore("next-hop", CIDRS, Cidr::strict), Condition.NextHopIn::new);
    map.word("family", Words.FAMILIES).map(Condition.FamilyIs::new).ifPresent(all::add);
    return all;
  }

  private static <T> void any(
      List<Condition> all, List<T> values, Function<List<T>, Condition> condition) {
    if (!values.isEmpty()) {
      all.add(condition.apply(values));
    }
  }

  private static List<Long> numbers(YamlMap map, String key) {
    return map.value(key).stream()
        .flatMap(value -> value.oneOrMore(AS).stream())
        .flatMap(member -> member.number(1, MAX_U32).stream())
        .toList();
  }

  private static Optional<Condition> pathLength(YamlValue value) {
    if (!value.isMap()) {
      return value
          .number(0, Integer.MAX_VALUE)
          .map(length -> new Condition.AsPathLength(length.intValue(), length.intValue()));
    }
    YamlMap map = value.map();
    map.allow(List.of("min", "max"));
    int min = map.number("min", 0, Integer.MAX_VALUE).orElse(0L).intValue();
    int max = map.number("max", 0, Integer.MAX_VALUE).orElse((long) Integer.MAX_VALUE).intValue();
    return value.attempt(() -> new Condition.AsPathLength(min, max));
  }

  /** In the order of the keys above, whatever the order in the file. */
  private static List<Action> actions(YamlMap map) {
    map.allow(ACTION_KEYS);
    List<Action> all = new ArrayList<>();
    map.number("local-pref", 0, MAX_U32).map(Action.SetLocalPref::new).ifPresent(all::add);
    map.value("med").flatMap(PolicyYaml::med).ifPresent(all::add);
    map.word("origin", Words.ORIGINS).map(Action.SetOrigin::new).ifPresent(all::add);
    map.value("next-hop")
        .flatMap(value ->
            value
                .parse("an address", IpAddress::parse)
                .flatMap(address -> value.attempt(() -> new Action.SetNextHop(address))))
        .ifPresent(all::add);
    map.oneOrMore("remove-community", CommunityText.COMMUNITY, CommunityText::parse).stream()
        .map(Action.RemoveCommunity::new)
        .forEach(all::add);
    map.oneOrMore("remove-large-community", CommunityText.LARGE, LargeCommunity::parse).stream()
        .map(Action.RemoveLargeCommunity::new)
        .forEach(all::add);
    map
        .oneOrMore("remove-ext-community", CommunityText.EXTENDED, CommunityText::parseExtended)
        .stream()
        .map(Action.RemoveExtCommunity::new)
        .forEach(all::add);
    map.oneOrMore("add-community", CommunityText.COMMUNITY, CommunityText::parse).stream()
        .map(Action.AddCommunity::new)
        .forEach(all::add);
    map.oneOrMore("add-large-community", CommunityText.LARGE, LargeCommunity::parse).stream()
        .map(Action.AddLargeCommunity::new)
        .forEach(all::add);
    map
        .oneOrMore("add-ext-community", CommunityText.EXTENDED, CommunityText::parseExtended)
        .stream()
        .map(Action.AddExtCommunity::new)
        .forEach(all::add);
    List<Long> prepended = numbers(map, "prepend");
    if (!prepended.isEmpty()) {
      map.value("prepend")
          .flatMap(value -> value.attempt(() -> new Action.Prepend(prepended)))
          .ifPresent(all::add);
    }
    return all;
  }

  private static Optional<Action> med(YamlValue value) {
    return value.text("a number or none").filter("none"::equals).isPresent()
        ? Optional.of(new Action.RemoveMed())
        : value.isScalar() ? value.number(0, MAX_U32).map(Action.SetMed::new) : Optional.empty();
  }
}
