package io.denim.cli;

import java.util.Locale;

/** How a command shows data. */
enum OutputFormat {
  /** Aligned columns, for people. */
  TABLE,
  /** One JSON document. */
  JSON,
  /** One YAML document. */
  YAML;

  /** The word on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
