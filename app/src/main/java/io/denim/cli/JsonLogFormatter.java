package io.denim.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * A JSON object a record, on one line: time, level, logger, message and, if thrown, error; and the
 * names and values of the message beside them, as texts.
 */
final class JsonLogFormatter extends Formatter {

  @Override
  public String format(LogRecord event) {
    String message = formatMessage(event);
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("time", TextLogFormatter.time(event));
    fields.put("level", TextLogFormatter.level(event.getLevel()));
    fields.put("logger", TextLogFormatter.logger(event));
    fields.put("message", message);
    Throwable thrown = event.getThrown();
    if (thrown != null) {
      fields.put("error", TextLogFormatter.trace(thrown));
    }
    LogFields.of(message).forEach(fields::putIfAbsent);
    var line = new StringBuilder(200).append('{');
    fields.forEach((name, value) -> field(line, name, value));
    return line.append("}\n").toString();
  }

  private static void field(StringBuilder line, String name, String value) {
    line.append(line.length() == 1 ? "\"" : ",\"").append(name).append("\":\"");
    JsonStringEncoder.getInstance().quoteAsString(value, line);
    line.append('"');
  }
}
