package io.denim.store.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.store.UnavailableException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class KubernetesAccessTest {
  private static Target inCluster(String host, String port) {
    return KubernetesAccess.of(
            Optional.empty(),
            Optional.empty(),
            Map.of("KUBERNETES_SERVICE_HOST", host, "KUBERNETES_SERVICE_PORT", port))
        .load();
  }

  @Test
  void aPodFindsItsOwnServer() {
    Target target = inCluster("10.96.0.1", "443");

    assertThat(target.server()).isEqualTo(URI.create("https://10.96.0.1:443"));
    assertThat(target.files())
        .containsExactlyInAnyOrder(
            KubernetesAccess.SERVICE_ACCOUNT.resolve("ca.crt"),
            KubernetesAccess.SERVICE_ACCOUNT.resolve("token"));
  }

  @Test
  void aServerMayHaveAnAddressOfVersionSix() {
    assertThat(inCluster("fd00:10:96::1", "443").server())
        .isEqualTo(URI.create("https://[fd00:10:96::1]:443"));
  }

  @Test
  void aUrlAloneIsAskedByNobodyInParticular() {
    Target target =
        KubernetesAccess.of(Optional.empty(), Optional.of("http://127.0.0.1:8080/"), Map.of())
            .load();

    assertThat(target).isEqualTo(Target.of(URI.create("http://127.0.0.1:8080")));
  }

  @Test
  void withNothingItIsToldWhatToGive() {
    KubernetesAccess nothing = KubernetesAccess.of(Optional.empty(), Optional.empty(), Map.of());

    assertThatThrownBy(nothing::load)
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("KUBERNETES_SERVICE_HOST")
        .hasMessageContaining("--kubeconfig-file")
        .hasMessageContaining("--kube-api-url");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    KubernetesAccess access = KubernetesAccess.kubeconfig(Path.of("/nowhere/kubeconfig"));

    assertThatThrownBy(access::load)
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("/nowhere/kubeconfig");
  }

  @ParameterizedTest
  @CsvSource({
    "https://h:6443/, true, https://h:6443",
    "http://h, false, http://h",
    "h:6443, true, https://h:6443",
    "h:8080, false, http://h:8080",
    "https://h/k8s/clusters/c-1, true, https://h/k8s/clusters/c-1",
    "HTTPS://h, false, HTTPS://h"
  })
  void aServerIsReadAsAPersonWritesIt(String text, boolean tls, String read) {
    assertThat(KubernetesAccess.server(text, "x", tls)).isEqualTo(URI.create(read));
  }

  @ParameterizedTest
  @CsvSource({"''", "ftp://h", "https://", "https://h?x=1", "https://a b", "https://h#x"})
  void whatIsNoServerIsRefused(String text) {
    assertThatThrownBy(() -> KubernetesAccess.server(text, "--kube-api-url", true))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("--kube-api-url")
        .hasMessageContaining("https://192.168.1.10:6443");
  }
}
