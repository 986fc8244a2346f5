package io.denim.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.conformance.E2eSuite.Verdict;
import io.denim.lab.Lab;
import io.denim.lab.LabConfig;
import io.denim.lab.TestPrograms;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The part of Kubernetes' own tests that takes a minute or two. */
class GranularChecksIT {
  @Test
  void podsReachPodsOfTheirNodeAndOfOthersByHttpAndUdp(@TempDir Path directory) {
    LabConfig config =
        LabConfig.nodes(2).subnets("10.1.0.0/24").flannel("vxlan").kubernetes().build();
    try (Lab lab = Lab.start(config, directory, TestPrograms.find(), _ -> {})) {
      assertThat(E2eSuite.GRANULAR_CHECKS.run(lab, "denim", Duration.ofMinutes(8)))
          .hasSize(4)
          .allSatisfy((name, verdict) -> assertThat(verdict).as(name).isEqualTo(Verdict.PASSED));
    }
  }
}
