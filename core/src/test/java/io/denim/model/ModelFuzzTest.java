package io.denim.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Whatever a store or a file holds is read, or refused with the package's own exception. */
final class ModelFuzzTest {
  @FuzzTest(maxDuration = "30s")
  void anyTextIsAConfigurationOrIsRefused(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    for (SubnetOrigin origin : SubnetOrigin.values()) {
      try {
        FlannelConfig.parse(text, origin);
      } catch (InvalidConfigException e) {
        assertThat(e.problems()).isNotEmpty();
      }
    }
  }

  @FuzzTest(maxDuration = "30s")
  void anyTextIsALeaseOrIsRefused(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
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
  void anyTextIsASubnetEnvOrIsRefused(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
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
  void anyTextIsASubnetKeyOrIsRefused(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    SubnetKey.tryParse(text).ifPresent(key -> SubnetKey.parse(key.toString()));
  }

  @FuzzTest(maxDuration = "30s")
  void anyTextIsANodeRecordOrIsRefused(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    try {
      NodeFacts.parse(NodeFacts.parse(text).format());
    } catch (InvalidConfigException e) {
      assertThat(e.problems()).isNotEmpty();
    }
  }
}
