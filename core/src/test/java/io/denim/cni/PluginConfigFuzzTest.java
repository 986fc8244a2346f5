package io.denim.cni;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.denim.model.SubnetEnv;
import io.denim.net.Cidr;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Whatever stands on stdin is a configuration, or refused with a code. */
final class PluginConfigFuzzTest {
  private static final SubnetEnv ENV =
      new SubnetEnv(
          Optional.of(SubnetEnv.Part.of(Cidr.parse("10.244.0.0/16"), Cidr.parse("10.244.1.0/24"))),
          Optional.empty(),
          1450,
          true);

  @FuzzTest(maxDuration = "60s")
  void anyTextIsAConfigurationOrIsRefused(byte[] bytes) {
    try {
      PluginConfig config = PluginConfig.parse(new String(bytes, StandardCharsets.UTF_8));
      config.previous().ifPresent(PluginConfigFuzzTest::assertReadBack);
      if (config instanceof FlannelPlugin flannel) {
        BridgeConfig bridge = flannel.delegate(ENV);
        if (!PluginConfig.parse(flannel.delegateJson(ENV)).equals(bridge)) {
          throw new IllegalStateException("read back otherwise: " + flannel.delegateJson(ENV));
        }
      }
    } catch (CniException e) {
      assertThat(e.json(CniVersion.V1_1_0)).startsWith("{\"cniVersion\":\"1.1.0\",\"code\":");
    }
  }

  private static void assertReadBack(CniResult result) {
    for (CniVersion version : CniVersion.values()) {
      if (version.atLeast(CniVersion.V0_3_0) || !result.ips().isEmpty()) {
        String text = result.format(version);
        CniResult read;
        try {
          read = CniResult.parse(text, version);
        } catch (CniException e) {
          throw new IllegalStateException("cannot be read back: " + text, e);
        }
        if (!read.format(version).equals(text)) {
          throw new IllegalStateException("read back otherwise: " + text);
        }
      }
    }
    if (!CniResult.parse(result.format(CniVersion.V1_1_0), CniVersion.V1_1_0).equals(result)) {
      throw new IllegalStateException("the newest version loses something of " + result);
    }
  }
}
