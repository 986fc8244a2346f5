package io.denim.cni;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The expectations are what Go 1.26 writes. */
final class GoJsonTest {
  private static String written(String json) {
    Keys keys = Keys.document("it", "{\"v\":" + json + "}");
    return GoJson.write(keys.value("v").orElseThrow());
  }

  @ParameterizedTest
  @CsvSource({
    "1450, 1450",
    "1.50, 1.5",
    "-3, -3",
    "0, 0",
    "-0.0, -0",
    "1e21, 1e+21",
    "1e20, 100000000000000000000",
    "123456789012345680000, 123456789012345680000",
    "12345678901234567890, 12345678901234567000",
    "0.000001, 0.000001",
    "1e-7, 1e-7",
    "-1.25e-9, -1.25e-9",
    "1e300, 1e+300",
    "1500.0, 1500",
    "1.7976931348623157e308, 1.7976931348623157e+308"
  })
  void numbersAreFloats(String json, String expected) {
    assertThat(written(json)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"<a>&\\u2028\\b\\f\\u007f\" | \"\\u003ca\\u003e\\u0026\\u2028\\b\\f\u007f\"",
        "\"\\ud800x é \\ud83d\\ude00\" | \"\ufffdx é 😀\"",
        "\"\\/\\u0001\" | \"/\\u0001\"",
      })
  void textsAreEscapedForHtml(String json, String expected) {
    assertThat(written(json)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{ \"b\": [ 1 , null, {} ], \"a\": true } | {\"a\":true,\"b\":[1,null,{}]}",
        "{\"\\ud83d\\ude00\":1,\"\\uffee\":2,\"B\":3,\"a\":4} | {\"B\":3,\"a\":4,\"\uffee\":2,\"😀\":1}",
        "[] | []",
      })
  void keysAreSortedByTheirOctets(String json, String expected) {
    assertThat(written(json)).isEqualTo(expected);
  }
}
