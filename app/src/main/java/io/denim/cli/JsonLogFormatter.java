package io.denim.cli;

import java.util.Optional;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;
import tools.jackson.core.io.JsonStringEncoder;

/** A JSON object a record, on one line: time, level, logger, message and, if thrown, error. */
final class JsonLogFormatter extends Formatter {

  @Override
  public String format(LogRecord event) {
    var line = new StringBuilder(200).append('{');
    field(line, "time", TextLogFormatter.time(event));
    field(line, "level", TextLogFormatter.level(event.getLevel()));
    field(line, "logger", TextLogFormatter.logger(event));
    field(line, "message", formatMessage(event));
    Optional.ofNullable(event.getThrown())
        .ifPresent(thrown -> field(line, "error", TextLogFormatter.trace(thrown)));
    return line.append("}\n").toString();
  }

  private static void field(StringBuilder line, String name, String value) {
    line.append(line.length() == 1 ? "\"" : ",\"").append(name).append("\":\"");
    JsonStringEncoder.getInstance().quoteAsString(value, line);
    line.append('"');
  }
}
