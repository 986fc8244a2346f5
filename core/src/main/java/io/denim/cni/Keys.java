package io.denim.cni;

import io.denim.model.Json;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;

/**
 * A JSON object of which keys are read, each whatever its case. A key whose value is {@code null}
 * is not there.
 */
final class Keys {
  private static final ObjectReader READER =
      Json.mapper().reader().with(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

  private final UnaryOperator<String> path;
  private final JsonNode object;

  private Keys(UnaryOperator<String> path, JsonNode object) {
    this.path = path;
    this.object = object;
  }

  /**
   * The object of a document.
   *
   * @throws CniException with code 6 when the text is no JSON object or has a key twice
   */
  static Keys document(String what, String json) {
    JsonNode tree;
    try {
      tree = READER.readTree(json);
    } catch (JacksonException e) {
      throw new CniException(
          CniException.Code.DECODING_FAILURE,
          what + " is no JSON" + position(e) + ": " + Excerpt.of(e.getOriginalMessage()),
          "",
          e);
    }
    if (!tree.isObject()) {
      throw new CniException(
          CniException.Code.DECODING_FAILURE,
          what + " is " + Excerpt.of(json.strip()) + "; it must be one JSON object {…}");
    }
    return of(tree, UnaryOperator.identity());
  }

  private static String position(JacksonException e) {
    var at = e.getLocation();
    return at == null || at.getLineNr() < 1
        ? ""
        : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
  }

  /** An object whose keys have these paths in messages. */
  static Keys of(JsonNode object, UnaryOperator<String> path) {
    return new Keys(path, object);
  }

  /** The tree below. Not to be changed. */
  JsonNode tree() {
    return object;
  }

  /** All keys and values in the order of the document, {@code null}s too. */
  List<Map.Entry<String, Value>> entries() {
    return object.properties().stream()
        .map(entry ->
            Map.entry(entry.getKey(), new Value(path.apply(entry.getKey()), entry.getValue())))
        .toList();
  }

  /** Whether the key stands there, with {@code null} or anything else. */
  boolean has(String key) {
    return object.properties().stream().anyMatch(entry -> entry.getKey().equalsIgnoreCase(key));
  }

  /** The value of a key; empty when it is not there or {@code null}. */
  Optional<Value> value(String key) {
    Optional<Map.Entry<String, JsonNode>> found = Optional.empty();
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      if (entry.getKey().equalsIgnoreCase(key)) {
        if (found.isPresent()) {
          throw new CniException(
              CniException.Code.INVALID_CONFIG,
              "%s stands in the network configuration twice, as %s and as %s; write it once"
                  .formatted(path.apply(key), found.get().getKey(), entry.getKey()));
        }
        found = Optional.of(entry);
      }
    }
    return found
        .filter(entry -> !entry.getValue().isNull())
        .map(entry -> new Value(path.apply(key), entry.getValue()));
  }

  /** The text of a key; empty when it is not there or has no characters. */
  Optional<String> text(String key) {
    return value(key).map(Value::text).filter(text -> !text.isEmpty());
  }

  /** The text of a key as something else; empty when it is not there or has no characters. */
  <T> Optional<T> parsed(String key, Function<String, Optional<T>> parser, String allowed) {
    return value(key)
        .filter(value -> !value.isEmptyText())
        .map(value -> value.parsed(parser, allowed));
  }

  /** The boolean of a key. */
  Optional<Boolean> bool(String key) {
    return value(key).map(Value::bool);
  }

  /** The whole number of a key. */
  OptionalInt whole(String key, int min, int max) {
    return value(key)
        .map(value -> OptionalInt.of((int) value.whole(min, max)))
        .orElse(OptionalInt.empty());
  }

  /** The object of a key. */
  Optional<Keys> object(String key) {
    return value(key).map(Value::object);
  }

  /** The elements of a key's list; none when it is not there. */
  List<Value> list(String key) {
    return value(key).map(Value::list).orElse(List.of());
  }

  /** The texts of a key's list; none when it is not there. */
  List<String> texts(String key) {
    return list(key).stream().map(Value::text).toList();
  }
}
