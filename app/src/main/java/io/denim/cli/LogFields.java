package io.denim.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Finds the names and values in a log line's message: {@code subnet=10.244.2.0/24}, {@code
 * reason="it is full"}, {@code subnets=[10.244.1.0/24, fd00::/64]}. A value ends at the first blank
 * outside of its quotes or brackets; where a name comes twice, the first is meant.
 */
final class LogFields {
  private final String message;
  private final Map<String, String> fields = new LinkedHashMap<>();
  private int at;

  private LogFields(String message) {
    this.message = message;
  }

  /** The names and values of a message, in their order. */
  static Map<String, String> of(String message) {
    var reading = new LogFields(message);
    reading.read();
    return reading.fields;
  }

  private void read() {
    while (at < message.length()) {
      int start = at;
      while (at < message.length() && isOfName(message.charAt(at), at == start)) {
        at++;
      }
      if (at > start && at < message.length() && message.charAt(at) == '=') {
        String name = message.substring(start, at++);
        String value = value();
        if (!value.isEmpty()) {
          fields.putIfAbsent(name, value);
        }
      }
      skipWord();
    }
  }

  private static boolean isOfName(char c, boolean first) {
    return (c >= 'a' && c <= 'z')
        || (!first && ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'));
  }

  /** To the beginning of the next word. */
  private void skipWord() {
    while (at < message.length() && !Character.isWhitespace(message.charAt(at))) {
      at++;
    }
    while (at < message.length() && Character.isWhitespace(message.charAt(at))) {
      at++;
    }
  }

  private String value() {
    if (at == message.length()) {
      return "";
    }
    return switch (message.charAt(at)) {
      case '"' -> quoted();
      case '[' -> bracketed('[', ']');
      case '{' -> bracketed('{', '}');
      default -> word();
    };
  }

  private String word() {
    int start = at;
    while (at < message.length() && !Character.isWhitespace(message.charAt(at))) {
      at++;
    }
    return message.substring(start, at);
  }

  /**
   * The text between quotes. They are not doubled in it, so it ends with a quote before a blank.
   */
  private String quoted() {
    for (int end = at + 1; end < message.length(); end++) {
      boolean last = end + 1 == message.length() || Character.isWhitespace(message.charAt(end + 1));
      if (message.charAt(end) == '"' && last) {
        String value = message.substring(at + 1, end);
        at = end + 1;
        return value;
      }
    }
    return word();
  }

  /** The text with its brackets, and those within. */
  private String bracketed(char open, char close) {
    int depth = 0;
    for (int end = at; end < message.length(); end++) {
      char c = message.charAt(end);
      if (c == open) {
        depth++;
      } else if (c == close && --depth == 0) {
        String value = message.substring(at, end + 1);
        at = end + 1;
        return value;
      }
    }
    return word();
  }
}
