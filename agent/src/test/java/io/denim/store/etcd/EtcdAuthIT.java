package io.denim.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.denim.store.Key;
import io.denim.store.Lifetime;
import io.denim.store.Store;
import io.denim.store.UnavailableException;
import io.denim.store.Watch;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A cluster that has users, with tokens of two seconds. */
@Timeout(60)
final class EtcdAuthIT {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Key KEY = new Key("subnets", "10.5.1.0-24");

  private final EtcdServer server;
  private final Admin admin;

  EtcdAuthIT(@TempDir Path folder) {
    server = EtcdServer.start(folder, "--auth-token-ttl=2", "--bcrypt-cost=4");
    admin = new Admin(server);
    admin.addUser("root", "rootpw", "root");
    admin.addUser("flannel", "flannelpw", "network");
    admin.permit("network", "/coreos.com/network/", "/coreos.com/network0");
  }

  @AfterEach
  void close() {
    admin.close();
    server.close();
  }

  private Store open(String user, String password, String prefix) {
    return EtcdStore.open(
        EtcdOptions.of(
            server.endpoint(),
            prefix,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(user).filter(each -> !each.isEmpty()),
            Optional.of(password).filter(each -> !each.isEmpty())),
        new Random());
  }

  private Store open() {
    return open("flannel", "flannelpw", EtcdOptions.DEFAULT_PREFIX);
  }

  @Test
  void aUserWhoseRoleHasThePrefixDoesEverything() {
    admin.enableUsers();
    Events events = new Events();
    try (Store store = open();
        Watch _ = store.watch("subnets", store.list("subnets").revision(), events)) {
      var first = store.create(KEY, "1", Lifetime.ttl(Duration.ofHours(1)));
      var second = store.replace(KEY, "2", first.revision(), Lifetime.permanent());
      assertThat(store.get(KEY)).contains(second);
      assertThat(store.list("").entries()).isEmpty();
      store.delete(KEY, second.revision());

      assertThat(events.await(3, SOON))
          .containsExactly("10.5.1.0-24=1", "10.5.1.0-24=2", "-10.5.1.0-24");
    }
  }

  @Test
  void aTokenThatRanOutIsReplacedAndAWatchGoesOn() {
    admin.enableUsers();
    Events events = new Events();
    try (Store store = open();
        Watch _ = store.watch("subnets", store.list("subnets").revision(), events)) {
      await().pollDelay(Duration.ofSeconds(4)).until(() -> true);

      store.create(KEY, "1", Lifetime.permanent());
      assertThat(events.await(1, SOON)).containsExactly("10.5.1.0-24=1");
    }
  }

  @Test
  void aMemberThatForgotItsTokensIsAskedForAnother() {
    admin.enableUsers();
    Events events = new Events();
    try (Store store = open();
        Watch _ = store.watch("subnets", store.list("subnets").revision(), events)) {
      store.create(KEY, "1", Lifetime.permanent());
      server.stop();
      server.start();

      await().atMost(SOON).ignoreExceptions().until(() -> store.get(KEY).isPresent());
      admin.putAs("root", "rootpw", "/coreos.com/network/subnets/10.5.1.0-24", "2");
      assertThat(events.await(2, SOON)).containsExactly("10.5.1.0-24=1", "10.5.1.0-24=2");
    }
  }

  @Test
  void usersMayComeLater() {
    try (Store store = open()) {
      store.create(KEY, "1", Lifetime.permanent());
      admin.enableUsers();

      assertThat(store.get(KEY)).isPresent();
    }
  }

  @Test
  void aWrongPasswordIsToldAsSuch() {
    admin.enableUsers();
    try (Store store = open("flannel", "wrong", EtcdOptions.DEFAULT_PREFIX)) {
      assertThatThrownBy(() -> store.get(KEY))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("cannot get subnets/10.5.1.0-24")
          .hasMessageContaining("the name or the password is wrong")
          .hasMessageContaining("--etcd-username=flannel");
    }
  }

  @Test
  void aUserIsAskedForWhereThereAreSome() {
    admin.enableUsers();
    try (Store store = open("", "", EtcdOptions.DEFAULT_PREFIX)) {
      assertThatThrownBy(() -> store.get(KEY))
          .hasMessageContaining("give --etcd-username and --etcd-password");
    }
  }

  private String metrics() throws IOException {
    try (InputStream page = URI.create(server.endpoint() + "/metrics").toURL().openStream()) {
      return new String(page.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aPrefixWithoutRightsIsToldAsSuchAlsoByAWatchAndLeavesNoLeases() throws IOException {
    admin.enableUsers();
    Events events = new Events();
    try (Store store = open("flannel", "flannelpw", "/elsewhere")) {
      assertThatThrownBy(() -> store.list("subnets"))
          .hasMessageContaining("cannot list \"subnets\"")
          .hasMessageContaining("user flannel has no right to it")
          .hasMessageContaining("--prefix readwrite /elsewhere/");
      assertThatThrownBy(() -> store.create(KEY, "1", Lifetime.permanent()))
          .hasMessageContaining("user flannel has no right to it");
      assertThatThrownBy(() -> store.create(KEY, "1", Lifetime.ttl(Duration.ofHours(24))))
          .hasMessageContaining("user flannel has no right to it");
      assertThat(metrics())
          .contains("etcd_debugging_lease_granted_total 1")
          .contains("etcd_debugging_lease_revoked_total 1");
      store.watch("subnets", new io.denim.store.Revision("1"), events).close();
      assertThat(events.words()).isEmpty();
    }
  }
}
