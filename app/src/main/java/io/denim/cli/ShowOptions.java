package io.denim.cli;

import java.io.PrintWriter;
import picocli.CommandLine.Option;

/** The options of a command that shows data. */
final class ShowOptions {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "How to show it: ${COMPLETION-CANDIDATES} (without: ${DEFAULT-VALUE}).")
  private OutputFormat format = OutputFormat.TABLE;

  Output to(PrintWriter out) {
    return new Output(format, out);
  }
}
