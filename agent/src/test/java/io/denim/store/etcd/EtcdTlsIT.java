package io.denim.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.denim.store.Key;
import io.denim.store.Lifetime;
import io.denim.store.Revision;
import io.denim.store.Store;
import io.denim.store.UnavailableException;
import io.denim.store.Watch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A member that asks its clients for certificates. */
@Timeout(60)
final class EtcdTlsIT {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Key KEY = new Key("subnets", "10.5.1.0-24");

  private final Path folder;
  private final Pki pki;
  private final Pki.Pair authority;
  private final EtcdServer server;

  EtcdTlsIT(@TempDir Path folder) {
    this.folder = folder;
    this.pki = new Pki(folder);
    this.authority = pki.authority("authority");
    Path key = pki.key("server");
    Path cert = pki.certificate(authority, "server", key, "IP:127.0.0.1", 2);
    server =
        new EtcdServer(
            folder,
            "m0",
            "https",
            List.of(
                "--cert-file=" + cert,
                "--key-file=" + key,
                "--trusted-ca-file=" + authority.cert(),
                "--client-cert-auth"));
    server.start();
  }

  @AfterEach
  void close() {
    server.close();
  }

  private Store open(Pki.Pair client) {
    return open(server.endpoint(), Optional.of(client), Optional.of(authority.cert()));
  }

  private static Store open(String endpoint, Optional<Pki.Pair> client, Optional<Path> authority) {
    return EtcdStore.open(
        EtcdOptions.of(
            endpoint,
            EtcdOptions.DEFAULT_PREFIX,
            client.map(Pki.Pair::key),
            client.map(Pki.Pair::cert),
            authority,
            Optional.empty(),
            Optional.empty()),
        new Random());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "genrsa -traditional 2048",
        "genrsa 3072",
        "ecparam -genkey -name prime256v1",
        "ecparam -genkey -name secp384r1 -noout",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521",
        "genpkey -algorithm ed25519",
      })
  void aKeyOfEveryFormThatGoTakesOpensAConnection(String command) {
    Path key = pki.key("client", command.split(" "));
    Path cert = pki.certificate(authority, "client", key, "", 2);

    try (Store store = open(new Pki.Pair(key, cert))) {
      store.create(KEY, "1", Lifetime.permanent());
      assertThat(store.get(KEY)).isPresent();
    }
  }

  @Test
  void aChainLeadsToTheAuthorityAndOtherTextIsSkipped() throws IOException {
    Path betweenKey = pki.key("between");
    Path between =
        pki.certificate(
            authority, "between", betweenKey, "IP:127.0.0.1\nbasicConstraints=CA:TRUE", 2);
    Pki.Pair client = pki.client(new Pki.Pair(betweenKey, between), "client");
    Path chain = folder.resolve("chain");
    Files.writeString(
        chain, "subject=client\n" + Files.readString(client.cert()) + Files.readString(between));

    try (Store store = open(new Pki.Pair(client.key(), chain))) {
      assertThat(store.get(KEY)).isEmpty();
    }
  }

  @Test
  void aRotatedCertificateIsUsedByTheNextConnectionAndAWatchStays() throws IOException {
    Pki.Pair client = pki.client(authority, "client");
    Pki.Pair next = pki.client(authority, "next");
    Pki.Pair foreign = pki.client(pki.authority("foreign"), "stranger");
    Events events = new Events();
    try (Store store = open(client);
        Watch _ = store.watch("subnets", store.list("subnets").revision(), events)) {
      var created = store.create(KEY, "1", Lifetime.permanent());
      assertThat(events.await(1, SOON)).hasSize(1);

      // A pair that the member refuses shows that it is used.
      replace(foreign.key(), client.key());
      replace(foreign.cert(), client.cert());
      assertThatThrownBy(() -> store.get(KEY))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("refuses this client's certificate");

      // Half of a rotation is none.
      replace(next.key(), client.key());
      assertThatThrownBy(() -> store.get(KEY))
          .hasMessageContaining("refuses this client's certificate");

      replace(next.cert(), client.cert());
      store.replace(KEY, "2", created.revision(), Lifetime.permanent());
      assertThat(events.await(2, SOON)).containsExactly("10.5.1.0-24=1", "10.5.1.0-24=2");
    }
  }

  private static void replace(Path with, Path what) throws IOException {
    Path beside = what.resolveSibling("new");
    Files.copy(with, beside);
    Files.move(beside, what, StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void withoutACertificateTheMembersRefusalIsToldWithTheFlags() {
    try (Store store = open(server.endpoint(), Optional.empty(), Optional.of(authority.cert()))) {
      assertThatThrownBy(() -> store.get(KEY))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining(server.endpoint())
          .hasMessageContaining("refuses this client's certificate")
          .hasMessageContaining("--etcd-certfile and --etcd-keyfile, which are not given");
    }
  }

  @Test
  void anAuthorityThatDidNotSignIsNamed() {
    Pki.Pair foreign = pki.authority("foreign");
    try (Store store =
        open(
            server.endpoint(),
            Optional.of(pki.client(authority, "client")),
            Optional.of(foreign.cert()))) {
      assertThatThrownBy(() -> store.get(KEY))
          .hasMessageContaining(
              "signed by none of the authorities in --etcd-cafile=" + foreign.cert());
    }
  }

  @Test
  void withoutAnAuthorityTheJvmsAreAsked() {
    try (Store store =
        open(server.endpoint(), Optional.of(pki.client(authority, "client")), Optional.empty())) {
      assertThatThrownBy(() -> store.get(KEY))
          .hasMessageContaining("none of the authorities in the JVM's list; give --etcd-cafile");
    }
  }

  @Test
  void aNameThatTheCertificateLacksIsTold() {
    try (Store store =
        open(
            "https://localhost:" + server.port(),
            Optional.of(pki.client(authority, "client")),
            Optional.of(authority.cert()))) {
      assertThatThrownBy(() -> store.get(KEY))
          .hasMessageContaining("its certificate is not made out to localhost");
    }
  }

  @Test
  void theWrongSchemeIsToldEitherWay(@TempDir Path other) {
    try (EtcdServer plain = EtcdServer.start(other);
        Store secure =
            open(
                plain.endpoint().replace("http:", "https:"),
                Optional.empty(),
                Optional.of(authority.cert()));
        Store clear =
            open(
                server.endpoint().replace("https:", "http:"), Optional.empty(), Optional.empty())) {
      assertThatThrownBy(() -> secure.get(KEY))
          .hasMessageContaining("is it http:// in --etcd-endpoints?");
      assertThatThrownBy(() -> clear.get(KEY))
          .hasMessageContaining("if it always does, is it https:// in --etcd-endpoints?");
    }
  }

  @Test
  void anAuthorityAloneIsEnoughWhereNoCertificateIsAskedFor(@TempDir Path other) {
    Path key = pki.key("plain");
    Path cert = pki.certificate(authority, "plain", key, "IP:127.0.0.1", 2);
    try (var open =
        new EtcdServer(other, "m0", "https", List.of("--cert-file=" + cert, "--key-file=" + key))) {
      open.start();
      try (Store store = open(open.endpoint(), Optional.empty(), Optional.of(authority.cert()))) {
        assertThat(store.get(KEY)).isEmpty();
      }
    }
  }

  @Test
  void aWatchIsTakenUpAgainWhenTheMemberComesBack() {
    Events events = new Events();
    try (Store store = open(pki.client(authority, "client"));
        Watch _ = store.watch("subnets", new Revision("1"), events)) {
      var first = store.create(KEY, "1", Lifetime.permanent());
      server.stop();
      server.start();
      await().ignoreExceptions().atMost(SOON).until(() -> store.get(KEY).isPresent());
      store.replace(KEY, "2", first.revision(), Lifetime.permanent());
      assertThat(events.await(2, SOON)).containsExactly("10.5.1.0-24=1", "10.5.1.0-24=2");
    }
  }

  @Test
  void filesThatCannotBeUsedAreNamedWithTheirFlagsAndWhatIsAllowed() throws IOException {
    Pki.Pair client = pki.client(authority, "client");
    Path nothing = folder.resolve("nothing");
    Path none = folder.resolve("none");
    Files.writeString(nothing, "");

    assertThatThrownBy(() -> open(new Pki.Pair(none, client.cert())))
        .hasMessageContaining("--etcd-keyfile=" + none + ": cannot be read");
    assertThatThrownBy(() -> open(new Pki.Pair(client.cert(), client.cert())))
        .hasMessageContaining("--etcd-keyfile=" + client.cert())
        .hasMessageContaining("no private key in it but CERTIFICATE; allowed: an RSA");
    assertThatThrownBy(() -> open(new Pki.Pair(client.key(), nothing)))
        .hasMessageContaining("--etcd-certfile=" + nothing)
        .hasMessageContaining("no certificate in it but no PEM block; allowed: CERTIFICATE");
    assertThatThrownBy(() -> open(new Pki.Pair(pki.key("another"), client.cert())))
        .hasMessageContaining("is not the key of the first certificate in --etcd-certfile=");
    assertThatThrownBy(
            () -> open(server.endpoint(), Optional.of(client), Optional.of(client.key())))
        .hasMessageContaining("--etcd-cafile=" + client.key())
        .hasMessageContaining("no certificate in it but EC PRIVATE KEY");
  }
}
