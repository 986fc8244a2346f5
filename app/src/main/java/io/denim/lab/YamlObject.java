package io.denim.lab;

import io.denim.model.Spelling;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import tools.jackson.databind.JsonNode;

/**
 * A mapping of the YAML that is being read: gives its values by type, and notes what is of another
 * type, so that reading goes on and all problems come out at once. What is not given, null or wrong
 * is empty.
 */
final class YamlObject {
  private final String path;
  private final Map<String, JsonNode> values = new LinkedHashMap<>();
  private final List<LabProblem> problems;

  /** The top of a file or any mapping below it: {@code path} ends before the key. */
  YamlObject(String path, JsonNode node, List<LabProblem> problems) {
    this.path = path;
    this.problems = problems;
    if (node.isObject()) {
      node.propertyStream().forEach(each -> values.put(each.getKey(), each.getValue()));
    } else if (!node.isNull() && !node.isMissingNode()) {
      wrong(path, node, "a mapping of keys to values");
    }
  }

  /** The path of one of this mapping's keys. */
  String at(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** Notes that a value is not what it should be. */
  void wrong(String at, JsonNode value, String allowed) {
    problems.add(new LabProblem(at, shown(value) + " does not fit", allowed));
  }

  /** Notes every key that is not one of these. */
  void allow(String... keys) {
    List<String> known = List.of(keys);
    values.keySet().stream()
        .filter(key -> !known.contains(key))
        .forEach(key ->
            problems.add(
                new LabProblem(
                    at(key), "is no key" + Spelling.hint(key, known), String.join(", ", known))));
  }

  /** The value of a key, of whatever type but null. */
  Optional<JsonNode> value(String key) {
    return Optional.ofNullable(values.get(key)).filter(each -> !each.isNull());
  }

  Optional<String> text(String key, String allowed) {
    return value(key).flatMap(each -> text(at(key), each, allowed));
  }

  Optional<Integer> integer(String key, String allowed) {
    return value(key)
        .flatMap(each -> {
          if (each.isIntegralNumber() && each.canConvertToInt()) {
            return Optional.of(each.intValue());
          }
          wrong(at(key), each, allowed);
          return Optional.empty();
        });
  }

  Optional<Boolean> bool(String key) {
    return value(key)
        .flatMap(each -> {
          if (each.isBoolean()) {
            return Optional.of(each.booleanValue());
          }
          wrong(at(key), each, "true or false");
          return Optional.empty();
        });
  }

  /** A list of texts; a part that is none is left out. */
  Optional<List<String>> texts(String key, String allowed) {
    return value(key)
        .flatMap(list -> {
          if (!list.isArray()) {
            wrong(at(key), list, allowed);
            return Optional.empty();
          }
          List<String> texts = new ArrayList<>();
          for (int i = 0; i < list.size(); i++) {
            text(at(key) + "[" + i + "]", list.get(i), "text").ifPresent(texts::add);
          }
          return Optional.of(List.copyOf(texts));
        });
  }

  /** Calls {@code each} with every key of the mapping and the mapping that it leads to. */
  void forEachObject(BiConsumer<String, YamlObject> each) {
    values.forEach((key, value) -> each.accept(key, new YamlObject(at(key), value, problems)));
  }

  private Optional<String> text(String at, JsonNode value, String allowed) {
    if (value.isString()) {
      return Optional.of(value.stringValue());
    }
    wrong(at, value, allowed);
    return Optional.empty();
  }

  private static String shown(JsonNode value) {
    String text = value.toString();
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }
}
