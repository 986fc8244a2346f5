package io.denim.cni;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * A value of a configuration, and where it stands.
 *
 * @param path the path of its key, such as {@code ipam.ranges[0][0].gateway}
 * @param node what stands there
 */
record Value(String path, JsonNode node) {
  String text() {
    if (!node.isString()) {
      throw invalid("a text in quotes");
    }
    return node.stringValue();
  }

  /** Whether it is a text without characters, which Go cannot tell from a key that is not there. */
  boolean isEmptyText() {
    return node.isString() && node.stringValue().isEmpty();
  }

  <T> T parsed(Function<String, Optional<T>> parser, String allowed) {
    if (!node.isString()) {
      throw invalid(allowed + ", in quotes");
    }
    return parser.apply(node.stringValue()).orElseThrow(() -> invalid(allowed));
  }

  boolean bool() {
    if (!node.isBoolean()) {
      throw invalid("true or false, without quotes");
    }
    return node.booleanValue();
  }

  long whole(long min, long max) {
    if (node.isIntegralNumber() && node.canConvertToLong()) {
      long number = node.longValue();
      if (number >= min && number <= max) {
        return number;
      }
    }
    throw invalid("a whole number from " + min + " to " + max + ", without quotes");
  }

  Keys object() {
    if (!node.isObject()) {
      throw invalid("an object {…}");
    }
    return Keys.of(node, key -> path + "." + key);
  }

  List<Value> list() {
    if (!node.isArray()) {
      throw invalid("a list […]");
    }
    List<Value> list = new ArrayList<>(node.size());
    for (JsonNode each : node) {
      list.add(new Value(path + "[" + list.size() + "]", each));
    }
    return list;
  }

  /** The error of a value that is not what is allowed. */
  CniException invalid(String allowed) {
    return failure(CniException.Code.INVALID_CONFIG, "; allowed is " + allowed);
  }

  /** The error of a value that contradicts something else. */
  CniException wrong(String why) {
    return failure(CniException.Code.INVALID_CONFIG, ": " + why);
  }

  /** The error of a value that asks for what Denim does not do. */
  CniException unsupported(String why) {
    return failure(CniException.Code.UNSUPPORTED_FIELD, " is not supported: " + why);
  }

  private CniException failure(CniException.Code code, String what) {
    return new CniException(code, path + " " + Excerpt.of(node.toString()) + what);
  }
}
