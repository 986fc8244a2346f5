package io.denim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LogFieldsTest {

  @Test
  void namesAndValuesAreFoundAmongWords() {
    assertThat(LogFields.of("path changed node=n2 subnet=10.244.2.0/24 at last"))
        .isEqualTo(Map.of("node", "n2", "subnet", "10.244.2.0/24"));
  }

  @Test
  void aValueInQuotesMayHaveBlanksAndQuotes() {
    assertThat(LogFields.of("subnet reason=\"it is \"mine\" already\" backend=vxlan"))
        .isEqualTo(Map.of("reason", "it is \"mine\" already", "backend", "vxlan"));
  }

  @Test
  void aListOrAMapIsOneValue() {
    assertThat(
            LogFields.of("ready subnets=[10.244.1.0/24, fd00::/64] from={IPV4=10.1.0.1} mtu=1450"))
        .isEqualTo(
            Map.of(
                "subnets", "[10.244.1.0/24, fd00::/64]",
                "from", "{IPV4=10.1.0.1}",
                "mtu", "1450"));
  }

  @Test
  void theFirstOfANameIsMeant() {
    assertThat(LogFields.of("node=n1 peer=n2 node=forged")).containsEntry("node", "n1");
  }

  @Test
  void whatIsNeverClosedEndsAtABlank() {
    assertThat(LogFields.of("a=\"b c d={e f")).isEqualTo(Map.of("a", "\"b", "d", "{e"));
  }

  @Test
  void nothingElseIsAField() {
    assertThat(LogFields.of("x == y, Upper=1 1a=2 =3 empty= http://h/?q=1 --flag=4")).isEmpty();
  }

  @Property
  void everyJsonLineIsOneObjectOnOneLine(@ForAll String message) {
    var event = new LogRecord(Level.INFO, message);
    event.setLoggerName("io.denim.agent.Agent");

    String line = LogFormat.JSON.formatter().format(event);
    JsonNode read = JsonMapper.shared().readTree(line);

    assertThat(line).endsWith("}\n").hasLineCount(1);
    assertThat(read.get("message").stringValue()).isEqualTo(message);
    assertThat(read.get("level").stringValue()).isEqualTo("INFO");
  }
}
