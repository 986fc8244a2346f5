package io.denim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LogFormatTest {

  @Test
  void aTextLineHasTimeLevelLoggerAndMessage() {
    assertThat(format(LogFormat.TEXT, event("path changed node=n2 path=vxlan")))
        .isEqualTo("2026-01-31T10:00:00.000Z INFO  agent.Agent path changed node=n2 path=vxlan\n");
  }

  @Test
  void aMessageCannotForgeALine() {
    assertThat(format(LogFormat.TEXT, event("node=x\n2026 ERROR \u001b[2J")))
        .isEqualTo("2026-01-31T10:00:00.000Z INFO  agent.Agent node=x\\n2026 ERROR \\u001b[2J\n");
  }

  @Test
  void aStackTraceFollows() {
    LogRecord event = event("broken");
    event.setThrown(new IllegalStateException("why"));

    assertThat(format(LogFormat.TEXT, event))
        .contains("broken\njava.lang.IllegalStateException: why\n\tat ");
  }

  @Test
  void aJsonLineIsAnObject() {
    LogRecord event = event("say \"hi\"\n\u0001 ü");
    event.setThrown(new IllegalStateException("why"));
    event.setLevel(Level.WARNING);

    String line = format(LogFormat.JSON, event);
    JsonNode read = JsonMapper.shared().readTree(line);

    assertThat(line).hasLineCount(1);
    assertThat(read.propertyNames()).containsExactly("time", "level", "logger", "message", "error");
    assertThat(read.get("time").stringValue()).isEqualTo("2026-01-31T10:00:00.000Z");
    assertThat(read.get("level").stringValue()).isEqualTo("WARN");
    assertThat(read.get("message").stringValue()).isEqualTo("say \"hi\"\n\u0001 ü");
    assertThat(read.get("error").stringValue()).startsWith("java.lang.IllegalStateException: why");
  }

  @Test
  void theNamesAndValuesOfAMessageAreKeysOfItsJson() {
    JsonNode read =
        JsonMapper.shared()
            .readTree(format(LogFormat.JSON, event("path changed node=n2 level=9 reason=\"a b\"")));

    assertThat(read.propertyNames())
        .containsExactly("time", "level", "logger", "message", "node", "reason");
    assertThat(read.get("node").stringValue()).isEqualTo("n2");
    assertThat(read.get("reason").stringValue()).isEqualTo("a b");
    assertThat(read.get("level").stringValue()).isEqualTo("INFO");
  }

  @Test
  void verbosityChoosesTheLevel() {
    assertThat(LogSetup.level(0)).isEqualTo(Level.INFO);
    assertThat(LogSetup.level(4)).isEqualTo(Level.FINE);
    assertThat(LogSetup.level(10)).isEqualTo(Level.FINEST);
  }

  @Test
  void debugIsDenimSOwnOnly() {
    var stream = new ByteArrayOutputStream();
    LogSetup.install(LogFormat.TEXT, 1, stream);

    Logger.getLogger("io.denim.x").fine("ours");
    Logger.getLogger("io.fabric8").fine("theirs");
    LogSetup.install(LogFormat.TEXT, 0, new ByteArrayOutputStream());
    Logger.getLogger("io.denim.x").fine("too late");

    assertThat(stream.toString(StandardCharsets.UTF_8)).endsWith(" DEBUG x ours\n").hasLineCount(1);
  }

  private static LogRecord event(String message) {
    var event = new LogRecord(Level.INFO, message);
    event.setLoggerName("io.denim.agent.Agent");
    event.setInstant(Instant.parse("2026-01-31T10:00:00Z"));
    return event;
  }

  private static String format(LogFormat format, LogRecord event) {
    return format.formatter().format(event);
  }
}
