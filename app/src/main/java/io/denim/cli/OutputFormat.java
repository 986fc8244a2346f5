package io.denim.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How a command shows data. */
enum OutputFormat {
  /** Aligned columns, for people. */
  TABLE,
  /** One JSON document. */
  JSON,
  /** One YAML document. */
  YAML;

  /** The format of this name; empty for another word. */
  static Optional<OutputFormat> tryParse(String word) {
    return Arrays.stream(values()).filter(each -> each.toString().equals(word)).findFirst();
  }

  /** The word on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
