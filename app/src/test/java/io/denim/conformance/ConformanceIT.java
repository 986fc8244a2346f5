package io.denim.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.conformance.E2eSuite.Verdict;
import io.denim.lab.AgentKind;
import io.denim.lab.Lab;
import io.denim.lab.LabConfig;
import io.denim.lab.TestPrograms;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kubernetes' conformance tests of the network with Denim, beside the same with real flanneld in
 * the same lab; {@code ./denim test conformance} runs it, which takes some twenty minutes.
 */
@Tag("conformance")
class ConformanceIT {
  private static final Duration PATIENCE = Duration.ofMinutes(30);

  @Test
  void whatPassesWithFlanneldPassesWithDenim(@TempDir Path directory) {
    Map<String, Verdict> denim = run(directory.resolve("denim"), AgentKind.DENIM);
    Map<String, Verdict> flanneld = run(directory.resolve("flanneld"), AgentKind.FLANNELD);
    var names = new TreeSet<>(denim.keySet());
    names.addAll(flanneld.keySet());
    List<String> worse = new ArrayList<>();
    System.out.printf("%-9s %-9s %s%n", "DENIM", "FLANNELD", "CASE");
    for (String name : names) {
      System.out.printf("%-9s %-9s %s%n", word(denim.get(name)), word(flanneld.get(name)), name);
      if (flanneld.get(name) == Verdict.PASSED && denim.get(name) != Verdict.PASSED) {
        worse.add(name);
      }
    }
    System.out.printf("%-9d %-9d passed%n", passed(denim), passed(flanneld));

    assertThat(worse).isEmpty();
    assertThat(passed(denim)).isPositive();
  }

  private static Map<String, Verdict> run(Path directory, AgentKind kind) {
    LabConfig config =
        LabConfig.nodes(2).subnets("10.1.0.0/24").flannel("vxlan").agent(kind).kubernetes().build();
    try (Lab lab =
        Lab.start(config, directory, TestPrograms.find(), line -> System.out.println(line))) {
      return E2eSuite.CONFORMANCE.run(lab, kind.toString(), PATIENCE);
    }
  }

  private static String word(@org.jspecify.annotations.Nullable Verdict verdict) {
    return verdict == null ? "not run" : verdict == Verdict.PASSED ? "passed" : "FAILED";
  }

  private static long passed(Map<String, Verdict> verdicts) {
    return verdicts.values().stream().filter(Verdict.PASSED::equals).count();
  }
}
