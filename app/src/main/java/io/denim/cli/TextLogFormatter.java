package io.denim.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * A line a record: {@code 2026-01-31T10:00:00.123Z INFO agent message}, in UTC; a stack trace
 * follows on lines of its own. Control characters in the message are escaped, so that a name from
 * outside cannot forge a line.
 */
final class TextLogFormatter extends Formatter {

  @Override
  public String format(LogRecord event) {
    var line = new StringBuilder(120);
    line.append(time(event)).append(' ');
    String level = level(event.getLevel());
    line.append(level).repeat(' ', 6 - level.length());
    line.append(logger(event)).append(' ');
    escape(formatMessage(event), line);
    line.append('\n');
    Throwable thrown = event.getThrown();
    return thrown == null ? line.toString() : line.append(trace(thrown)).toString();
  }

  static String time(LogRecord event) {
    String time = event.getInstant().truncatedTo(ChronoUnit.MILLIS).toString();
    // Instant leaves out milliseconds that are 0; columns should not.
    return time.length() == "2026-01-31T10:00:00Z".length()
        ? time.substring(0, time.length() - 1) + ".000Z"
        : time;
  }

  /** The words of slf4j, which people know. */
  static String level(Level level) {
    int value = level.intValue();
    if (value >= Level.SEVERE.intValue()) {
      return "ERROR";
    } else if (value >= Level.WARNING.intValue()) {
      return "WARN";
    } else if (value >= Level.INFO.intValue()) {
      return "INFO";
    }
    return value >= Level.FINE.intValue() ? "DEBUG" : "TRACE";
  }

  /** The logger's name without Denim's own prefix: {@code agent.Agent}. */
  static String logger(LogRecord event) {
    String name = Objects.requireNonNullElse(event.getLoggerName(), "");
    return name.startsWith("io.denim.") ? name.substring("io.denim.".length()) : name;
  }

  static String trace(Throwable thrown) {
    var text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }

  private static void escape(String message, StringBuilder line) {
    for (int i = 0; i < message.length(); i++) {
      char c = message.charAt(i);
      if (c == '\n') {
        line.append("\\n");
      } else if (Character.isISOControl(c)) {
        line.append(String.format("\\u%04x", (int) c));
      } else {
        line.append(c);
      }
    }
  }
}
