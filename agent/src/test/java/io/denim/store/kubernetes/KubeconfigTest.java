package io.denim.store.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.store.UnavailableException;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class KubeconfigTest {
  private static final Path FOLDER = Path.of("/etc/kubernetes");

  /** As kubeadm writes it, shortened. */
  private static final String ADMIN =
      """
      apiVersion: v1
      kind: Config
      current-context: kubernetes-admin@kubernetes
      preferences: {}
      clusters:
      - name: other
        cluster:
          server: https://10.9.9.9:6443
      - name: kubernetes
        cluster:
          certificate-authority-data: Y2E=
          server: https://192.168.1.10:6443/
      contexts:
      - name: kubernetes-admin@kubernetes
        context:
          cluster: kubernetes
          user: kubernetes-admin
      users:
      - name: kubernetes-admin
        user:
          client-certificate-data: Y2VydA==
          client-key-data: a2V5
      """;

  private static Target parse(String text) {
    return Kubeconfig.parse(text, FOLDER, "kubeconfig x");
  }

  private static String with(String cluster, String user) {
    return """
    clusters: [{name: c, cluster: {CLUSTER}}]
    users: [{name: u, user: {USER}}]
    contexts: [{name: x, context: {cluster: c, user: u}}]
    """
        .replace("CLUSTER", cluster)
        .replace("USER", user);
  }

  @Test
  void theCurrentContextSaysWhichServerAndWhichUser() {
    Target target = parse(ADMIN);

    assertThat(target.server()).isEqualTo(URI.create("https://192.168.1.10:6443"));
    assertThat(target.authority()).map(Source::read).contains("ca");
    assertThat(target.certificate()).map(Source::read).contains("cert");
    assertThat(target.key()).map(Source::read).contains("key");
    assertThat(target.token()).isEmpty();
    assertThat(target.insecure()).isFalse();
    assertThat(target.files()).isEmpty();
  }

  @Test
  void theOnlyContextNeedNotBeCurrentAndPathsBeginAtItsFolder() {
    Target target =
        parse(
            with(
                "server: \"https://h:1\", certificate-authority: pki/ca.crt,"
                    + " insecure-skip-tls-verify: true",
                "token: old, tokenFile: /run/token"));

    assertThat(target.insecure()).isTrue();
    assertThat(target.files())
        .containsExactly(Path.of("/etc/kubernetes/pki/ca.crt"), Path.of("/run/token"));
    assertThat(target.token()).contains(new Source.InFile(Path.of("/run/token")));
  }

  @Test
  void itMayBeJson() {
    assertThat(
            parse(
                    "{\"clusters\":[{\"name\":\"c\",\"cluster\":{\"server\":\"http://h:8080\"}}],"
                        + "\"users\":[{\"name\":\"u\",\"user\":{\"token\":\"t\"}}],"
                        + "\"contexts\":[{\"name\":\"x\",\"context\":{\"cluster\":\"c\",\"user\":\"u\"}}]}")
                .token())
        .map(Source::read)
        .contains("t");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          server: "https://h"                              | exec: {command: aws}      | "exec", which is not supported
          server: "https://h"                              | username: me              | "username", which is not supported
          server: "https://h", proxy-url: "http://p"       | token: t                  | "proxy-url", which is not supported
          server: "https://h", tls-server-name: kubernetes | token: t                  | "tls-server-name", which is not supported
          server: "https://h"                              | client-certificate: a.crt | both are needed
          server: "ftp://h"                                | token: t                  | is no URL of an API server
          name: nothing                                    | token: t                  | is no URL of an API server
          """)
  void whatCannotBeUsedIsRefusedInWords(String cluster, String user, String words) {
    assertThatThrownBy(() -> parse(with(cluster, user)))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("kubeconfig x")
        .hasMessageContaining(words);
  }

  @Test
  void whatIsMissingIsNamed() {
    assertThatThrownBy(() -> parse("clusters: []")).hasMessageContaining("has no current-context");
    assertThatThrownBy(() -> parse("current-context: a"))
        .hasMessageContaining("has no context named \"a\"");
    assertThatThrownBy(() -> parse(ADMIN.replace("user: kubernetes-admin\n", "user: other\n")))
        .hasMessageContaining("has no user named \"other\"");
    assertThatThrownBy(() -> parse("just words")).hasMessageContaining("is no kubeconfig");
  }

  @Test
  void whatIsNoYamlIsToldWithoutItsSecrets() {
    assertThatThrownBy(() -> parse("token: [sesame"))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("is no YAML")
        .hasMessageNotContaining("sesame");
  }
}
