package io.denim.cni;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Whatever comes out of the socket or the journal is a call, or refused with a code. */
final class CallFuzzTest {
  @FuzzTest(maxDuration = "30s")
  void anyBytesAreACallOrRefused(byte[] payload) {
    try {
      Call call = Call.decode(payload);
      assertThat(call.config().length()).isLessThanOrEqualTo(Call.MAX_CONFIG);
      PluginConfig.parse(call.config());
    } catch (CniException e) {
      assertThat(e.json(CniVersion.V1_1_0)).startsWith("{\"cniVersion\":\"1.1.0\",\"code\":");
    }
  }
}
