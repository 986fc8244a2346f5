package io.denim.router;

import io.denim.bgp.config.FamilyConfig;
import io.denim.bgp.config.MaxPrefixes;
import io.denim.bgp.config.MaxPrefixes.Action;
import io.denim.net.Family;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads a peer's {@code families}: a list of them, or options under each. */
final class FamilyYaml {
  static final List<String> KEYS = List.of("add-path", "extended-next-hop", "max-prefixes");
  static final List<String> LIMIT_KEYS = List.of("limit", "action", "restart-after");

  private static final Map<String, AddPath> ADD_PATHS = new LinkedHashMap<>();

  static {
    ADD_PATHS.put("off", new AddPath(false, false));
    ADD_PATHS.put("receive", new AddPath(true, false));
    ADD_PATHS.put("send", new AddPath(false, true));
    ADD_PATHS.put("both", new AddPath(true, true));
  }

  private record AddPath(boolean receive, boolean send) {}

  private FamilyYaml() {}

  static Map<Family, FamilyConfig> families(YamlValue given) {
    Map<Family, FamilyConfig> families = new EnumMap<>(Family.class);
    if (!given.isMap()) {
      for (YamlValue member : given.oneOrMore(YamlValue.listed(words()))) {
        member.word(Words.FAMILIES).ifPresent(family -> families.put(family, FamilyConfig.PLAIN));
      }
      return families;
    }
    YamlMap map = given.map();
    map.allow(words());
    Words.FAMILIES.forEach((word, family) -> {
      YamlValue options = map.values().get(word);
      if (options != null) {
        families.put(family, options(family, options.map()));
      }
    });
    if (map.values().isEmpty()) {
      given.wrong("the mapping is empty", YamlValue.listed(words()));
    }
    return families;
  }

  private static List<String> words() {
    return List.copyOf(Words.FAMILIES.keySet());
  }

  private static FamilyConfig options(Family family, YamlMap map) {
    map.allow(KEYS);
    AddPath addPath = map.word("add-path", ADD_PATHS).orElse(new AddPath(false, false));
    boolean extended = map.bool("extended-next-hop").orElse(false);
    if (extended && family == Family.IPV6) {
      map.value("extended-next-hop")
          .ifPresent(value -> value.wrong("is for IPv4 (RFC 8950)", "false"));
      extended = false;
    }
    return new FamilyConfig(
        addPath.receive(),
        addPath.send(),
        extended,
        map.value("max-prefixes").flatMap(FamilyYaml::limit));
  }

  private static Optional<MaxPrefixes> limit(YamlValue value) {
    if (!value.isMap()) {
      return value
          .number(1, Integer.MAX_VALUE)
          .map(limit -> new MaxPrefixes(limit.intValue(), Action.DOWN));
    }
    YamlMap map = value.map();
    map.allow(LIMIT_KEYS);
    Duration pause =
        Duration.ofSeconds(map.number("restart-after", 1, Integer.MAX_VALUE).orElse(60L));
    Map<String, Action> actions = new LinkedHashMap<>();
    actions.put("warn", Action.WARN);
    actions.put("restart", new Action.Restart(pause));
    actions.put("down", Action.DOWN);
    Action action = map.word("action", actions).orElse(Action.DOWN);
    return map.required("limit", "a number of prefixes")
        .flatMap(limit -> limit.number(1, Integer.MAX_VALUE))
        .map(limit -> new MaxPrefixes(limit.intValue(), action));
  }
}
