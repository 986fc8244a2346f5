package io.denim.cli;

import java.util.Locale;
import java.util.logging.Formatter;

/** How log lines look. */
public enum LogFormat {
  /** Time, level, logger, message, for people. */
  TEXT,
  /** One JSON object a line, for log collectors. */
  JSON;

  Formatter formatter() {
    return switch (this) {
      case TEXT -> new TextLogFormatter();
      case JSON -> new JsonLogFormatter();
    };
  }

  /** The word on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
