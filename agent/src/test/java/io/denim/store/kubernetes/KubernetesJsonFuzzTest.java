package io.denim.store.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.denim.model.Json;
import io.denim.store.UnavailableException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;

/** Whatever an API server, a proxy before it, or a person writes is read or refused in words. */
final class KubernetesJsonFuzzTest {
  @FuzzTest(maxDuration = "30s")
  void anyTextIsAConfigMapOrIsRefused(byte[] text) {
    try (JsonParser parser = Json.mapper().createParser(text)) {
      parser.nextToken();
      var _ = Stored.read(parser).belongsTo("");
    } catch (JacksonException e) {
      assertThat(e).isNotNull();
    }
  }

  @FuzzTest(maxDuration = "30s")
  void anyTextIsAKubeconfigOrIsRefused(byte[] text) {
    try {
      Target target =
          Kubeconfig.parse(
              new String(text, StandardCharsets.UTF_8), Path.of("/etc/kubernetes"), "kubeconfig");
      assertThat(target.server().getHost()).isNotNull();
    } catch (UnavailableException e) {
      assertThat(e).hasMessageContaining("kubeconfig");
    }
  }

  @FuzzTest(maxDuration = "30s")
  void anyTextIsARefusal(byte[] text) {
    assertThat(Refusal.of(500, new String(text, StandardCharsets.UTF_8)).message()).isNotNull();
  }
}
