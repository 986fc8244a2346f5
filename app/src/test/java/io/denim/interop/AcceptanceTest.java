package io.denim.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What a BGP speaker has to show before it is taken for one. Each row has tests that carry its
 * name, {@code @Tag("G7")}; for a row of figures it is a benchmark that says it.
 */
class AcceptanceTest {
  private static final String ROWS =
      """
      G1  a session comes up whoever dials, by IPv4 and IPv6, with one connection of two left, and again
          after either side was killed
      G2  every OPEN that cannot be is refused with its code, and every one that can be is taken
      G3  a silent or frozen peer is given up when the hold time is over, and nobody earlier; a Denim
          that was frozen for less loses no session
      G4  damaged UPDATEs cost what RFC 7606 says, are judged as others judge them, and are not passed on
      G5  the decision, step by step, in whatever order paths come; all paths that are equally good
      G6  who is told of what by reflectors, one or several, of one cluster or two; loops die
      G7  whatever happens in whatever order, each peer has been told what a plain computation says
      G8  a peer that does not read costs the others nothing, and is right afterwards, or is ended
      G9  graceful restart, as the one who restarts and as the one who waits, without a lost packet
      G10 own routes are announced at once
      G11 passwords: right, wrong, missing, changed, removed, of a thousand peers; TTLs; where it
          listens
      G12 every condition and action of a policy; a changed one is applied while the session is up
      G13 next hops: own, kept, of a third; link-local ones; of IPv6 for IPv4
      G14 several paths of a prefix
      G15 communities and what nobody knows go through unchanged
      G16 a change of one peer of hundreds is nothing to the others
      G17 benchmark: many routes and many peers
      G18 a thousand sessions
      G19 benchmark: one change
      G20 whatever comes is judged, and always the same
      G21 routes of a node that is about to go are left before it goes
      G22 what keeps a session down is said in words
      """;

  private static final Pattern ROW = Pattern.compile("(?m)^G\\d+");
  private static final Pattern TAG = Pattern.compile("@Tag\\(\"(G\\d+)\"\\)");
  private static final Pattern BENCHMARK = Pattern.compile("(?m)^# (G\\d+):");

  @Test
  void everyRowHasATestThatIsNamedAfterIt() throws IOException {
    Map<String, Set<Path>> found = new TreeMap<>();
    for (Path sources : List.of(Path.of("../bgp/src/test/java"), Path.of("src/test/java"))) {
      try (Stream<Path> files = Files.walk(sources)) {
        for (Path file : files.filter(file -> file.toString().endsWith(".java")).toList()) {
          find(TAG, file, found);
        }
      }
    }
    find(BENCHMARK, Path.of("../bench/bgp.sh"), found);

    assertThat(found.keySet())
        .containsExactlyInAnyOrderElementsOf(
            ROW.matcher(ROWS).results().map(row -> row.group()).toList());
  }

  private static void find(Pattern pattern, Path file, Map<String, Set<Path>> found)
      throws IOException {
    Matcher matcher = pattern.matcher(Files.readString(file));
    while (matcher.find()) {
      if (!file.endsWith("AcceptanceTest.java")) {
        found.computeIfAbsent(matcher.group(1), _ -> new TreeSet<>()).add(file);
      }
    }
  }
}
