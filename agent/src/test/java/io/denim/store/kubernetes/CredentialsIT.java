package io.denim.store.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.denim.fixture.Authority;
import io.denim.store.UnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonParser;

/** Who asks a real API server, and that it may change while nobody is asked. */
@Timeout(120)
final class CredentialsIT {
  private static final ObjectList NODES =
      new ObjectList("/api/v1/nodes", "", ObjectList.Form.METADATA);

  @TempDir private static Path serverFolder = Path.of("");
  private static @Nullable ApiServer running;

  @TempDir private Path folder = Path.of("");

  @BeforeAll
  static void start() {
    running = ApiServer.start(serverFolder);
  }

  @AfterAll
  static void stop() {
    server().close();
  }

  private static ApiServer server() {
    return Optional.ofNullable(running).orElseThrow();
  }

  private static String revision(KubernetesApi api) {
    return api.revision(NODES);
  }

  private static Stored skip(JsonParser parser) {
    return Stored.read(parser);
  }

  /** Makes a service account with flannel's rights. */
  private static void account(String name) {
    server()
        .post(
            "/api/v1/namespaces/kube-flannel/serviceaccounts",
            "{\"metadata\":{\"name\":\"" + name + "\"}}");
    server()
        .post(
            "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
            """
            {"metadata":{"name":"NAME"},
             "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"flannel"},
             "subjects":[{"kind":"ServiceAccount","name":"NAME","namespace":"kube-flannel"}]}
            """
                .replace("NAME", name));
    server().awaitRights(name);
  }

  private static void replace(Path file, String text) throws IOException {
    Path beside = Files.writeString(file.resolveSibling("." + file.getFileName()), text);
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void inAPodTheTokenOfTheServiceAccountIsReadAgainWhenItWasReplaced() throws IOException {
    account("rotated");
    Files.copy(server().authority().file("ca.crt"), folder.resolve("ca.crt"));
    Path token = Files.writeString(folder.resolve("token"), server().token("rotated") + "\n");
    KubernetesAccess inCluster =
        new KubernetesAccess(
            Optional.empty(),
            Optional.empty(),
            Map.of(
                "KUBERNETES_SERVICE_HOST",
                "127.0.0.1",
                "KUBERNETES_SERVICE_PORT",
                Integer.toString(server().port())),
            folder);
    try (KubernetesApi api = KubernetesApi.of(inCluster)) {
      assertThat(revision(api)).isNotEmpty();

      server().delete("/api/v1/namespaces/kube-flannel/serviceaccounts/rotated");
      server()
          .post(
              "/api/v1/namespaces/kube-flannel/serviceaccounts",
              "{\"metadata\":{\"name\":\"rotated\"}}");
      // The server remembers for some seconds whom it knew.
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() ->
              assertThatThrownBy(() -> revision(api))
                  .isInstanceOf(UnavailableException.class)
                  .hasMessageContaining("does not know who asks")
                  .hasMessageContaining(folder.toString()));

      replace(token, server().token("rotated"));
      assertThat(revision(api)).isNotEmpty();
    }
  }

  @Test
  void aCertificateThatWasReplacedIsUsedAndAWatchGoesOn() throws IOException {
    server().authority().issue("first", "/O=system:masters/CN=first");
    server().authority().issue("second", "/O=system:masters/CN=second");
    Files.copy(server().authority().file("ca.crt"), folder.resolve("ca.crt"));
    Path both = folder.resolve("current.pem");
    replace(both, pair("first"));
    Path kubeconfig =
        Files.writeString(
            folder.resolve("kubeconfig"),
            server()
                .kubeconfig(
                    server().url(),
                    "{\"client-certificate\":\"current.pem\",\"client-key\":\"current.pem\"}"));
    List<WatchEvent<Stored>> events = new CopyOnWriteArrayList<>();
    try (KubernetesApi api = KubernetesApi.of(KubernetesAccess.kubeconfig(kubeconfig));
        ObjectWatch<Stored> _ =
            api.watch(NODES, revision(api), CredentialsIT::skip, new Random(1), events::add)) {
      assertThat(self(api)).isEqualTo("first");

      replace(both, pair("second"));
      assertThat(self(api)).isEqualTo("second");

      server().node("rotation", Map.of());
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> events.stream().anyMatch(WatchEvent.Put.class::isInstance));
    } finally {
      server().delete("/api/v1/nodes/rotation");
    }
  }

  private static String pair(String name) throws IOException {
    return Files.readString(server().authority().file(name + ".crt"))
        + Files.readString(server().authority().file(name + ".key"));
  }

  /** Who the server thinks asks. */
  private static String self(KubernetesApi api) {
    Reply<ApiServer.Document> reply =
        api.change(
            Verb.CREATE,
            "/apis/authentication.k8s.io/v1/selfsubjectreviews",
            "{\"kind\":\"SelfSubjectReview\",\"apiVersion\":\"authentication.k8s.io/v1\"}",
            ApiServer::json);
    return reply instanceof Reply.Done<ApiServer.Document>(ApiServer.Document document)
        ? document.json().path("status").path("userInfo").path("username").asString("")
        : reply.toString();
  }

  @Test
  void filesThatDoNotFitTogetherLeaveInForceWhatWasReadBefore() throws IOException {
    Path kubeconfig =
        Files.writeString(
            folder.resolve("kubeconfig"),
            server()
                .kubeconfig(server().url(), "{\"token\":\"" + server().token("flannel") + "\"}"));
    Files.copy(server().authority().file("ca.crt"), folder.resolve("ca.crt"));
    try (KubernetesApi api = KubernetesApi.of(KubernetesAccess.kubeconfig(kubeconfig))) {
      assertThat(revision(api)).isNotEmpty();

      replace(kubeconfig, "users: [");
      assertThat(revision(api)).isNotEmpty();

      Files.delete(kubeconfig);
      assertThat(revision(api)).isNotEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "genrsa -traditional -out k.key 2048",
        "ecparam -genkey -name prime256v1 -out k.key",
        "ecparam -genkey -name secp384r1 -noout -out k.key",
        "genpkey -algorithm RSA -out k.key",
        "genpkey -algorithm ed25519 -out k.key"
      })
  void aKeyMayHaveAnyFormThatGoTakes(String openssl) throws IOException {
    Authority authority = server().authority();
    authority.openssl(openssl);
    authority.openssl("req -new -key k.key -subj /O=system:masters/CN=keys -out k.csr");
    authority.openssl("x509 -req -in k.csr -CA ca.crt -CAkey ca.key -days 30 -out k.crt");
    Path kubeconfig =
        server()
            .write(
                "keys.kubeconfig", server().kubeconfig(server().url(), server().certificate("k")));

    try (KubernetesApi api = KubernetesApi.of(KubernetesAccess.kubeconfig(kubeconfig))) {
      assertThat(self(api)).isEqualTo("keys");
    }
  }

  @Test
  void aServerThatAnotherAuthoritySignedIsNotTrusted() throws IOException {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Authority other = new Authority(elsewhere);
    Path kubeconfig =
        Files.writeString(
            other.file("kubeconfig"), server().kubeconfig(server().url(), "{\"token\":\"t\"}"));

    try (KubernetesApi api = KubernetesApi.of(KubernetesAccess.kubeconfig(kubeconfig))) {
      assertThatThrownBy(() -> revision(api))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("is not who it should be");
    }
  }

  @Test
  void withoutVerificationAnyServerIsTrusted() throws IOException {
    String text =
        server()
            .kubeconfig(server().url(), "{\"token\":\"" + server().token("flannel") + "\"}")
            .replace("certificate-authority: ca.crt", "insecure-skip-tls-verify: true");
    Path kubeconfig = Files.writeString(folder.resolve("kubeconfig"), text);

    try (KubernetesApi api = KubernetesApi.of(KubernetesAccess.kubeconfig(kubeconfig))) {
      assertThat(revision(api)).isNotEmpty();
    }
  }

  @Test
  void theUrlOfTheCommandLineWinsOverTheKubeconfigs() throws IOException {
    String text =
        server()
            .kubeconfig("https://127.0.0.1:1", "{\"token\":\"" + server().token("flannel") + "\"}");
    Path kubeconfig = server().write("elsewhere.kubeconfig", text);

    try (KubernetesApi api =
        KubernetesApi.of(
            KubernetesAccess.of(Optional.of(kubeconfig), Optional.of(server().url()), Map.of()))) {
      assertThat(revision(api)).isNotEmpty();
    }
  }

  @Test
  void aServerThatIsNotThereIsTold() {
    try (KubernetesApi api =
        KubernetesApi.of(
            KubernetesAccess.of(Optional.empty(), Optional.of("http://127.0.0.1:1"), Map.of()))) {
      assertThatThrownBy(() -> revision(api))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("http://127.0.0.1:1")
          .hasMessageContaining("cannot be reached");
    }
  }
}
