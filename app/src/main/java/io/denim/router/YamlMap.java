package io.denim.router;

import io.denim.model.Spelling;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * A mapping of the file: its values by key, those of another type noted. A value that is none of a
 * mapping is noted, and read as an empty one.
 */
final class YamlMap {
  private final YamlValue self;
  private final Map<String, YamlValue> values = new LinkedHashMap<>();
  private final Map<String, YamlValue> keys = new LinkedHashMap<>();

  YamlMap(YamlValue self) {
    this.self = self;
    if (self.node() instanceof MappingNode mapping) {
      mapping.getValue().forEach(this::put);
    } else if (self.isGiven()) {
      self.wrong(self.shown() + " does not fit", "a mapping of keys to values");
    }
  }

  private YamlMap(YamlMap own, YamlMap defaults, Set<Set<String>> alternatives) {
    self = own.self;
    values.putAll(defaults.values);
    for (Set<String> alternative : alternatives) {
      if (alternative.stream().anyMatch(own.values::containsKey)) {
        values.keySet().removeAll(alternative);
      }
    }
    values.putAll(own.values);
  }

  private void put(NodeTuple tuple) {
    YamlValue key = new YamlValue(tuple.getKeyNode(), self.path(), self.problems());
    if (!(tuple.getKeyNode() instanceof ScalarNode scalar)) {
      key.wrong(key.shown() + " is no key", "a word");
      return;
    }
    String name = scalar.getValue();
    String path = self.path().isEmpty() ? name : self.path() + "." + name;
    YamlValue at = new YamlValue(scalar, path, self.problems());
    if (keys.containsKey(name)) {
      at.wrong("is there twice", "once; the first is in line " + keys.get(name).line());
      return;
    }
    keys.put(name, at);
    values.put(name, new YamlValue(tuple.getValueNode(), path, self.problems()));
  }

  /**
   * This with what it does not say taken from another, each value keeping its place.
   *
   * @param alternatives keys of which one is enough: saying one unsays the others' defaults
   */
  YamlMap over(YamlMap defaults, Set<Set<String>> alternatives) {
    return new YamlMap(this, defaults, alternatives);
  }

  /** The value that is this mapping. */
  YamlValue self() {
    return self;
  }

  /** Notes every key that is not one of these. */
  void allow(List<String> known) {
    keys.forEach((name, at) -> {
      if (!known.contains(name)) {
        at.wrong("is no key" + Spelling.hint(name, known), String.join(", ", known));
      }
    });
  }

  /** All keys with their values, also those that lead to nothing. */
  Map<String, YamlValue> values() {
    return values;
  }

  /** The value of a key, if something stands there. */
  Optional<YamlValue> value(String key) {
    return Optional.ofNullable(values.get(key)).filter(YamlValue::isGiven);
  }

  /** As {@link #value}; notes that nothing stands there, unless this is no mapping at all. */
  Optional<YamlValue> required(String key, String allowed) {
    Optional<YamlValue> value = value(key);
    if (value.isEmpty() && (self.isMap() || !self.isGiven())) {
      self.wrong("has no " + key, allowed);
    }
    return value;
  }

  Optional<String> text(String key) {
    return value(key).flatMap(value -> value.text("a text"));
  }

  Optional<Boolean> bool(String key) {
    return value(key).flatMap(YamlValue::bool);
  }

  Optional<Long> number(String key, long least, long most) {
    return value(key).flatMap(value -> value.number(least, most));
  }

  <T> Optional<T> word(String key, Map<String, T> words) {
    return value(key).flatMap(value -> value.word(words));
  }

  <T> Optional<T> parse(String key, String allowed, Function<String, T> parser) {
    return value(key).flatMap(value -> value.parse(allowed, parser));
  }

  /** The members of a list or one value alone, those left out that the parser refuses. */
  <T> List<T> oneOrMore(String key, String allowed, Function<String, T> parser) {
    return value(key).stream()
        .flatMap(value -> value.oneOrMore(allowed).stream())
        .flatMap(member -> member.parse(allowed, parser).stream())
        .toList();
  }

  /** The mappings in a list. */
  List<YamlMap> maps(String key) {
    return value(key).stream()
        .flatMap(value -> value.list("a list of mappings").stream())
        .map(YamlValue::map)
        .toList();
  }
}
