package io.denim.cli;

import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/**
 * Writes records for the user. The three formats come from one tree ({@link DataTree}): keys are
 * the record components' names, values of {@code io.denim.net} are their text, an empty Optional is
 * null. A table has the keys as headings, in capitals: {@code publicIp} is PUBLIC-IP.
 */
final class Output {
  private final OutputFormat format;
  private final PrintWriter out;

  Output(OutputFormat format, PrintWriter out) {
    this.format = format;
    this.out = out;
  }

  /** One record: in a table, its values one a line, then a table for each list of records in it. */
  void write(Record value) {
    switch (format) {
      case TABLE -> DataTable.write(value, out);
      case JSON, YAML -> writeTree(DataTree.of(value));
    }
    out.flush();
  }

  /** Records of one kind: in a table, one a line. */
  void write(List<? extends Record> rows) {
    switch (format) {
      case TABLE -> DataTable.write(rows, out);
      case JSON, YAML -> writeTree(DataTree.of(rows));
    }
    out.flush();
  }

  /** Records of many values: in a table, one after the other, their values one a line. */
  void writeEach(List<? extends Record> values) {
    switch (format) {
      case TABLE -> {
        String between = "";
        for (Record value : values) {
          out.print(between);
          DataTable.write(value, out);
          between = "\n";
        }
      }
      case JSON, YAML -> writeTree(DataTree.of(values));
    }
    out.flush();
  }

  private void writeTree(@Nullable Object tree) {
    String text = writer().writeValueAsString(tree);
    out.print(text.endsWith("\n") ? text : text + "\n");
  }

  private ObjectWriter writer() {
    if (format == OutputFormat.YAML) {
      // Strings stay quoted: a MAC address of digits is a number to YAML 1.1 readers.
      return YAMLMapper.builder().disable(YAMLWriteFeature.WRITE_DOC_START_MARKER).build().writer();
    }
    var indenter = new DefaultIndenter("  ", "\n");
    return JsonMapper.shared()
        .writer()
        .with(new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter));
  }
}
