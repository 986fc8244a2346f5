package io.denim.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.denim.store.ConflictException;
import io.denim.store.Entry;
import io.denim.store.Key;
import io.denim.store.Lifetime;
import io.denim.store.Store;
import io.denim.store.UnavailableException;
import io.denim.store.Watch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three members of which one or two fail. */
@Timeout(120)
final class EtcdClusterIT {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Key KEY = new Key("subnets", "a");

  private final List<EtcdServer> servers;
  private final Store store;

  EtcdClusterIT(@TempDir Path folder) {
    servers = EtcdServer.startCluster(folder, 3);
    store =
        EtcdStore.open(
            EtcdOptions.plain(
                String.join(",", servers.stream().map(EtcdServer::endpoint).toList()),
                EtcdOptions.DEFAULT_PREFIX),
            new Random());
  }

  @AfterEach
  void close() {
    store.close();
    servers.forEach(EtcdServer::close);
  }

  private EtcdServer leader() {
    return servers.stream().filter(EtcdServer::leads).findFirst().orElseThrow();
  }

  private EtcdServer follower() {
    return servers.stream().filter(each -> !each.leads()).findFirst().orElseThrow();
  }

  /** A write that nobody confirmed may have been done, and is in the way of the same one then. */
  private static boolean isPassing(Throwable thrown) {
    return thrown instanceof UnavailableException || thrown instanceof ConflictException;
  }

  /** Writes until it is done, which the caller of a store has to do; returns how long it took. */
  private Duration writeThroughAll(String value) {
    long began = System.nanoTime();
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptionsMatching(EtcdClusterIT::isPassing)
        .until(() -> {
          var present = store.get(KEY);
          if (present.filter(each -> each.value().equals(value)).isPresent()) {
            return true;
          }
          if (present.isEmpty()) {
            store.create(KEY, value, Lifetime.ttl(Duration.ofHours(1)));
          } else {
            store.replace(KEY, value, present.get().revision(), Lifetime.ttl(Duration.ofHours(1)));
          }
          return true;
        });
    return Duration.ofNanos(System.nanoTime() - began);
  }

  @Test
  void aLeaderThatDiesCostsSecondsAndNoEvent() {
    Events events = new Events();
    try (Watch _ = store.watch("subnets", store.list("subnets").revision(), events)) {
      writeThroughAll("1");
      leader().stop();
      Duration took = writeThroughAll("2");
      writeThroughAll("3");

      assertThat(took).isLessThan(Duration.ofSeconds(8));
      assertThat(events.await(3, SOON)).containsExactly("a=1", "a=2", "a=3");
    }
  }

  @Test
  void eachMemberMayDieInTurn() {
    Events events = new Events();
    try (Watch _ = store.watch("subnets", store.list("subnets").revision(), events)) {
      for (EtcdServer each : servers) {
        each.stop();
        writeThroughAll("without " + each.port());
        each.start();
      }

      assertThat(events.await(3, SOON))
          .containsExactlyElementsOf(
              servers.stream().map(each -> "a=without " + each.port()).toList());
    }
  }

  @Test
  void aMemberThatIsStoppedIsPassedByAndItsWatchMovesOn() {
    Events events = new Events();
    try (Watch _ = store.watch("subnets", store.list("subnets").revision(), events)) {
      writeThroughAll("1");
      EtcdServer frozen = follower();
      // The member that is asked at the moment; a follower, so that the others go on at once.
      try (Store through = open(frozen);
          Watch _ = through.watch("subnets", through.list("subnets").revision(), events)) {
        frozen.freeze();
        assertThat(writeThroughAll("2")).isLessThan(Duration.ofSeconds(8));
        frozen.thaw();
      }
      assertThat(events.await(2, Duration.ofSeconds(30))).startsWith("a=1").contains("a=2");
    }
  }

  private static Store open(EtcdServer only) {
    return EtcdStore.open(
        EtcdOptions.plain(only.endpoint(), EtcdOptions.DEFAULT_PREFIX), new Random());
  }

  @Test
  void aWatchAtAMemberWithoutLeaderMovesToTheOthers() {
    EtcdServer alone = follower();
    Events events = new Events();
    try (Store first =
            EtcdStore.open(
                EtcdOptions.plain(
                    alone.endpoint() + "," + String.join(",", endpoints()),
                    EtcdOptions.DEFAULT_PREFIX),
                // The first of the list.
                new Random(0) {
                  @Override
                  public int nextInt(int bound) {
                    return 0;
                  }
                });
        Watch _ = first.watch("subnets", first.list("subnets").revision(), events)) {
      writeThroughAll("1");
      assertThat(events.await(1, SOON)).containsExactly("a=1");
      servers.stream().filter(each -> !each.equals(alone)).forEach(EtcdServer::freeze);
      assertThatThrownBy(() -> first.create(new Key("subnets", "b"), "1", Lifetime.permanent()))
          .isInstanceOf(UnavailableException.class);
      servers.stream().filter(each -> !each.equals(alone)).forEach(EtcdServer::thaw);
      writeThroughAll("2");

      await().atMost(Duration.ofSeconds(30)).until(() -> events.words().contains("a=2"));
      assertThat(events.words()).doesNotHaveDuplicates().first().isEqualTo("a=1");
    }
  }

  private List<String> endpoints() {
    return servers.stream().map(EtcdServer::endpoint).toList();
  }

  @Test
  void withoutAMajorityItIsSaidSoInTimeAndItPasses() {
    writeThroughAll("1");
    servers.get(0).stop();
    servers.get(1).stop();
    long began = System.nanoTime();
    assertThatThrownBy(() -> store.get(KEY)).isInstanceOf(UnavailableException.class);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));

    servers.get(0).start();
    assertThat(writeThroughAll("2")).isLessThan(Duration.ofSeconds(20));
    assertThat(store.get(KEY)).map(Entry::value).contains("2");
  }
}
