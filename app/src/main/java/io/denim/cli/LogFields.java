package io.denim.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Finds the names and values in a log line's message: {@code subnet=10.244.2.0/24}, {@code
 * reason="it is full"}, {@code subnets=[10.244.1.0/24, fd00::/64]}. A value ends at the first blank
 * outside of its quotes or brackets; of a name that comes twice, the first is meant.
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
   * The text between quotes. Those within are as they are, so the last one is that which another
   * field or the end of the message follows; where there is none, the last before a blank.
   */
  private String quoted() {
    int last = -1;
    for (int end = message.indexOf('"', at + 1); end > 0; end = message.indexOf('"', end + 1)) {
      if (end + 1 == message.length() || fieldBegins(end + 1)) {
        last = end;
        break;
      }
      if (Character.isWhitespace(message.charAt(end + 1))) {
        last = end;
      }
    }
    if (last < 0) {
      return word();
    }
    String value = message.substring(at + 1, last);
    at = last + 1;
    return value;
  }

  private boolean fieldBegins(int blank) {
    int start = blank;
    while (start < message.length() && Character.isWhitespace(message.charAt(start))) {
      start++;
    }
    int end = start;
    while (end < message.length() && isOfName(message.charAt(end), end == start)) {
      end++;
    }
    return start > blank && end > start && end < message.length() && message.charAt(end) == '=';
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
