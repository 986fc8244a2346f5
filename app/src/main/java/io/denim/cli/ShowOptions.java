package io.denim.cli;

import java.io.PrintWriter;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options of a command that shows data. */
final class ShowOptions {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "table",
      converter = FormatReader.class,
      description = "How to show it: ${COMPLETION-CANDIDATES} (without: ${DEFAULT-VALUE}).")
  private OutputFormat format = OutputFormat.TABLE;

  /** Names the formats as the user writes them. */
  static final class FormatReader implements ITypeConverter<OutputFormat> {
    @Override
    public OutputFormat convert(String word) {
      return OutputFormat.tryParse(word)
          .orElseThrow(() ->
              new TypeConversionException(word + " is not known; allowed: table, json or yaml"));
    }
  }

  Output to(PrintWriter out) {
    return new Output(format, out);
  }
}
