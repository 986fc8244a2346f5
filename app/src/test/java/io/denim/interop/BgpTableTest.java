package io.denim.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The manual says what the tests of this package show, and nothing else. */
class BgpTableTest {
  private static final Path MANUAL = Path.of("../docs/bgp.md");
  private static final Path HERE = Path.of("src/test/java/io/denim/interop");
  private static final String HEAD =
      "| what | BIRD | BIRD 1.6 | GoBGP | FRR |\n|---|---|---|---|---|\n";

  @Test
  void theTableOfTheManualIsWhatTheTestsSay() throws IOException {
    String manual = Files.readString(MANUAL);

    assertThat(manual).contains(HEAD);
    String table = manual.substring(manual.indexOf(HEAD)) + "\n\n";
    assertThat(table.substring(0, table.indexOf("\n\n") + 1)).isEqualTo(HEAD + rows());
  }

  private static String rows() throws IOException {
    Map<String, Set<Kind>> tested = new TreeMap<>();
    try (Stream<Path> files = Files.list(HERE)) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith("InteropIT.java"))
          .map(name -> testCase(name.replace(".java", "")))
          .flatMap(type -> Stream.of(type.getDeclaredMethods()))
          .filter(method -> method.isAnnotationPresent(Tested.class))
          .map(method -> method.getAnnotation(Tested.class))
          .forEach(test ->
              tested
                  .computeIfAbsent(test.value(), _ -> EnumSet.noneOf(Kind.class))
                  .addAll(Set.of(test.against())));
    }
    return tested.entrySet().stream()
        .map(row -> "| " + row.getKey() + cells(row.getValue()) + " |\n")
        .collect(Collectors.joining());
  }

  private static String cells(Set<Kind> kinds) {
    return Stream.of(Kind.values())
        .map(kind -> kinds.contains(kind) ? " | yes" : " |")
        .collect(Collectors.joining());
  }

  private static Class<?> testCase(String name) {
    try {
      return Class.forName(BgpTableTest.class.getPackageName() + "." + name);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }
}
