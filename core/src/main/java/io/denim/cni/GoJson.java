package io.denim.cni;

import io.denim.model.Json;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * JSON as Go's encoding/json writes what it has read into a {@code map[string]any}: keys sorted by
 * their octets, no blanks, every number a float64.
 */
final class GoJson {
  private GoJson() {}

  /** A value that was read. */
  static String write(Value value) {
    JsonNode node = value.node();
    if (node.isObject()) {
      Map<String, String> members = new TreeMap<>();
      value
          .object()
          .entries()
          .forEach(entry -> members.put(entry.getKey(), write(entry.getValue())));
      return object(members);
    }
    if (node.isArray()) {
      return value.list().stream().map(GoJson::write).collect(Collectors.joining(",", "[", "]"));
    }
    if (node.isNumber()) {
      return number(value);
    }
    return node.isString() ? quote(node.stringValue()) : node.toString();
  }

  /** An object of keys and values that are JSON already. */
  static String object(Map<String, String> members) {
    Map<String, String> sorted =
        new TreeMap<>((a, b) -> Arrays.compareUnsigned(octets(a), octets(b)));
    sorted.putAll(members);
    return sorted.entrySet().stream()
        .map(member -> quote(member.getKey()) + ":" + member.getValue())
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Go reads half a surrogate pair as U+FFFD. */
  static String quote(String text) {
    StringBuilder whole = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c ->
            whole.appendCodePoint(
                c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xfffd : c));
    return Json.quoteLikeGo(whole.toString());
  }

  /**
   * Shortest digits that give the same float64; with an exponent below 1e-6 and from 1e21 on, as
   * ECMAScript has it.
   */
  private static String number(Value value) {
    double number = value.node().doubleValue();
    if (!Double.isFinite(number)) {
      throw value.invalid("a number that a float64 can hold");
    }
    if (number == 0) {
      return Double.compare(number, 0) < 0 ? "-0" : "0";
    }
    BigDecimal shortest = new BigDecimal(Double.toString(number)).stripTrailingZeros();
    double size = Math.abs(number);
    if (size >= 1e-6 && size < 1e21) {
      return shortest.toPlainString();
    }
    String digits = shortest.unscaledValue().abs().toString();
    int exponent = digits.length() - 1 - shortest.scale();
    return (number < 0 ? "-" : "")
        + digits.charAt(0)
        + (digits.length() > 1 ? "." + digits.substring(1) : "")
        + (exponent < 0 ? "e-" : "e+")
        + Math.abs(exponent);
  }
}
