package io.denim.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;

/** Whatever a store or a file holds is read, or refused with the package's own exception. */
final class ModelFuzzTest {
  @FuzzTest(maxDuration = "30s")
  void anyTextIsAConfigurationOrIsRefused(@NotNull String text) {
    for (SubnetOrigin origin : SubnetOrigin.values()) {
      try {
        FlannelConfig.parse(text, origin);
      } catch (InvalidConfigException e) {
        assertThat(e.problems()).isNotEmpty();
      }
    }
  }

  @FuzzTest(maxDuration = "30s")
  void anyTextIsALeaseOrIsRefused(@NotNull String text) {
    try {
      FlannelLease lease = FlannelLease.parse(text);
      if (!FlannelLease.parse(lease.format()).equals(lease)) {
        throw new IllegalStateException("read back otherwise: " + lease.format());
      }
    } catch (InvalidConfigException e) {
      assertThat(e.problems()).isNotEmpty();
    }
  }

  @FuzzTest(maxDuration = "30s")
  void anyTextIsASubnetEnvOrIsRefused(@NotNull String text) {
    try {
      SubnetEnv env = SubnetEnv.parse(text);
      if (!SubnetEnv.parse(env.format()).equals(env)) {
        throw new IllegalStateException("read back otherwise: " + env.format());
      }
    } catch (InvalidConfigException e) {
      assertThat(e.problems()).isNotEmpty();
    }
  }

  @FuzzTest(maxDuration = "30s")
  void anyTextIsASubnetKeyOrIsRefused(@NotNull String text) {
    SubnetKey.tryParse(text).ifPresent(key -> SubnetKey.parse(key.toString()));
  }

  @FuzzTest(maxDuration = "30s")
  void anyTextIsANodeRecordOrIsRefused(@NotNull String text) {
    try {
      NodeFacts.parse(NodeFacts.parse(text).format());
    } catch (InvalidConfigException e) {
      assertThat(e.problems()).isNotEmpty();
    }
  }
}
