package io.denim.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Records as aligned text. What there is not is shown as {@code -}. */
final class DataTable {
  private static final int GAP = 3;

  private DataTable() {}

  /** A heading and a line a record; {@code none} when there are none. */
  static void write(List<? extends Record> rows, PrintWriter out) {
    if (rows.isEmpty()) {
      out.println("none");
      return;
    }
    List<List<String>> lines = new ArrayList<>();
    lines.add(
        DataTree.components(rows.getFirst()).keySet().stream()
            .map(key -> words(key, "-").toUpperCase(Locale.ROOT))
            .toList());
    for (Record row : rows) {
      lines.add(DataTree.components(row).values().stream().map(DataTable::cell).toList());
    }
    align(lines, out);
  }

  /**
   * Single values, and those of records in it, as lines of name and value; then the lists of
   * records with their names.
   */
  static void write(Record value, PrintWriter out) {
    List<List<String>> pairs = new ArrayList<>();
    Map<String, @Nullable Object> components = DataTree.components(value);
    components.forEach((key, each) -> {
      if (each instanceof Record part && !DataTree.isText(part)) {
        DataTree.components(part)
            .forEach((name, inner) ->
                pairs.add(List.of(words(key, " ") + " " + words(name, " "), cell(inner))));
      } else if (!isTable(each)) {
        pairs.add(List.of(words(key, " "), cell(each)));
      }
    });
    align(pairs, out);
    boolean[] first = {pairs.isEmpty()};
    components.forEach((key, each) -> {
      if (isTable(each)) {
        out.print(first[0] ? "" : "\n");
        out.println(words(key, " ") + ":");
        write(((List<?>) each).stream().map(Record.class::cast).toList(), out);
        first[0] = false;
      }
    });
  }

  /** A list of which nothing shows that it is not of records: an empty one reads "none". */
  private static boolean isTable(@Nullable Object value) {
    return value instanceof List<?> list
        && list.stream().allMatch(each -> each instanceof Record r && !DataTree.isText(r));
  }

  private static String cell(@Nullable Object value) {
    return switch (value) {
      case null -> "-";
      case Optional<?> optional -> cell(optional.orElse(null));
      case Boolean bool -> bool ? "yes" : "no";
      case Double number -> String.format(Locale.ROOT, "%.3f", number);
      case Collection<?> all when all.isEmpty() -> "-";
      case Collection<?> all -> all.stream().map(DataTable::cell).collect(Collectors.joining(","));
      case Record each when !DataTree.isText(each) ->
          DataTree.components(each).values().stream()
              .map(DataTable::cell)
              .collect(Collectors.joining(" "));
      default -> value.toString().isEmpty() ? "-" : value.toString();
    };
  }

  /** {@code publicIp} as {@code public-ip}, {@code cidr4} as it is. */
  private static String words(String name, String between) {
    return name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", between).toLowerCase(Locale.ROOT);
  }

  private static void align(List<List<String>> lines, PrintWriter out) {
    if (lines.isEmpty()) {
      return;
    }
    int columns = lines.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> line : lines) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    for (List<String> line : lines) {
      var text = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        text.append(line.get(i));
        text.repeat(' ', widths[i] - line.get(i).length() + GAP);
      }
      out.println(text.toString().stripTrailing());
    }
  }
}
