package io.denim.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.denim.store.Entry;
import io.denim.store.Key;
import io.denim.store.Lifetime;
import io.denim.store.Listing;
import io.denim.store.Store;
import io.denim.store.UnavailableException;
import io.denim.store.Watch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One member, and a way to it that can be bad. */
@Timeout(90)
final class EtcdFaultIT {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final String SUBNETS = EtcdOptions.DEFAULT_PREFIX + "/subnets/";
  private static final Key KEY = new Key("subnets", "a");

  private final EtcdServer server;
  private final TcpProxy proxy;
  private final Store store;

  EtcdFaultIT(@TempDir Path folder) {
    server = EtcdServer.start(folder);
    proxy = new TcpProxy(server.port());
    store = open(proxy.endpoint());
  }

  private static Store open(String endpoints) {
    return EtcdStore.open(EtcdOptions.plain(endpoints, EtcdOptions.DEFAULT_PREFIX), new Random());
  }

  @AfterEach
  void close() {
    store.close();
    proxy.close();
    server.close();
  }

  private long put(String name, String value) {
    try (Admin admin = new Admin(server)) {
      return admin.put(SUBNETS + name, value);
    }
  }

  private void compact(long revision) {
    try (Admin admin = new Admin(server)) {
      admin.compact(revision);
    }
  }

  @Test
  void aWatchSurvivesAStopAndMissesNothingThatHappenedMeanwhile() {
    Events events = new Events();
    try (Watch _ = store.watch("subnets", store.list("subnets").revision(), events)) {
      put("a", "1");
      assertThat(events.await(1, SOON)).containsExactly("a=1");
      server.stop();
      assertThatThrownBy(() -> store.get(KEY))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("cannot get subnets/a in etcd: " + proxy.endpoint())
          .hasMessageContaining("look whether etcd runs there");
      server.start();
      put("a", "2");
      put("b", "1");

      assertThat(events.await(3, SOON)).containsExactly("a=1", "a=2", "b=1");
      assertThat(store.get(KEY)).map(Entry::value).contains("2");
    }
  }

  @Test
  void connectionsThatBreakAgainAndAgainBringEveryEventOnce() {
    Events events = new Events();
    try (Watch _ = store.watch("subnets", store.list("subnets").revision(), events)) {
      for (int i = 0; i < 200; i++) {
        put("k", Integer.toString(i));
        if (i % 20 == 7) {
          proxy.cut();
        }
      }

      assertThat(events.await(200, Duration.ofSeconds(30))).hasSize(200).doesNotHaveDuplicates();
      assertThat(events.words()).first().isEqualTo("k=0");
      assertThat(events.words()).last().isEqualTo("k=199");
    }
  }

  @Test
  void aHistoryThatWasCompactedMeanwhileEndsTheWatch() {
    Events events = new Events();
    long seen = put("a", "1");
    try (Watch _ = store.watch("subnets", store.list("subnets").revision(), events)) {
      put("a", "2");
      assertThat(events.await(1, SOON)).containsExactly("a=2");
      proxy.swallow(true);
      proxy.cut();
      put("a", "3");
      compact(put("a", "4"));
      proxy.swallow(false);
      proxy.cut();

      assertThat(events.lost(SOON)).contains("compacted").contains("revision " + (seen + 1));
      assertThat(events.words()).containsExactly("a=2", "lost");
    }
  }

  @Test
  void aWatchFromBeforeACompactionIsLostAtOnce() {
    Listing old = store.list("subnets");
    put("a", "1");
    compact(put("a", "2"));
    Events events = new Events();

    try (Watch _ = store.watch("subnets", old.revision(), events)) {
      assertThat(events.lost(SOON)).contains("compacted");
    }
  }

  @Test
  void aStoreRestartedEmptyEndsTheWatch() {
    Events events = new Events();
    put("a", "1");
    put("b", "1");
    try (Watch _ = store.watch("subnets", store.list("subnets").revision(), events)) {
      put("c", "1");
      assertThat(events.await(1, SOON)).hasSize(1);
      server.stop();
      server.wipe();
      server.start();

      assertThat(events.lost(SOON)).contains("it lost its data or was restored from a backup");
      assertThat(store.list("subnets").entries()).isEmpty();
    }
  }

  @Test
  void aStoreRestartedEmptyAndFilledBeyondTheOldRevisionIsRecognized() {
    Events events = new Events();
    put("a", "1");
    try (Watch _ = store.watch("subnets", store.list("subnets").revision(), events)) {
      put("c", "1");
      assertThat(events.await(1, SOON)).hasSize(1);
      proxy.swallow(true);
      server.stop();
      server.wipe();
      server.start();
      for (int i = 0; i < 20; i++) {
        put("n" + i, "1");
      }
      put("a", "1");
      proxy.swallow(false);
      proxy.cut();

      assertThat(events.lost(SOON)).contains("its history is another one");
      assertThat(events.words()).containsExactly("c=1", "lost");
    }
  }

  @Test
  void whatDoesNotAnswerIsGivenUpInSecondsAndFoundAgain() {
    Events events = new Events();
    try (Watch _ = store.watch("subnets", store.list("subnets").revision(), events)) {
      server.freeze();
      long began = System.nanoTime();
      assertThatThrownBy(() -> store.get(KEY)).hasMessageContaining("no answer within");
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(7));
      server.thaw();
      put("a", "1");

      assertThat(events.await(1, SOON)).containsExactly("a=1");
    }
  }

  @Test
  void aWatchBehindAConnectionThatSwallowsEverythingNoticesIt() {
    Events events = new Events();
    try (Watch _ = store.watch("subnets", store.list("subnets").revision(), events)) {
      put("a", "1");
      assertThat(events.await(1, SOON)).hasSize(1);
      proxy.swallow(true);
      put("a", "2");
      // What was swallowed never comes on this connection; only giving it up brings it.
      await().pollDelay(Duration.ofSeconds(1)).until(() -> true);
      proxy.swallow(false);

      assertThat(events.await(2, Duration.ofSeconds(40))).containsExactly("a=1", "a=2");
    }
  }

  @Test
  void aSlowMemberIsWaitedFor() {
    proxy.delay(Duration.ofMillis(500));
    Events events = new Events();
    try (Watch _ = store.watch("subnets", store.list("subnets").revision(), events)) {
      store.create(KEY, "1", Lifetime.ttl(Duration.ofHours(1)));

      assertThat(events.await(1, SOON)).containsExactly("a=1");
    }
  }

  @Test
  void aWriteWhoseAnswerDoesNotComeIsToldAsUncertainAndMayHaveHappened() {
    store.list("subnets");
    proxy.swallowAnswers(true);

    assertThatThrownBy(() -> store.create(KEY, "1", Lifetime.permanent()))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("cannot tell whether etcd did create subnets/a");
    proxy.swallowAnswers(false);
    proxy.cut();
    await()
        .atMost(SOON)
        .ignoreExceptions()
        .until(() -> store.get(KEY).map(Entry::value).equals(Optional.of("1")));
  }

  @Test
  void whatIsNoEtcdIsNamed() {
    try (Store nowhere = open("http://127.0.0.1:1");
        Store unknown = open("http://no-such-host.invalid:2379");
        Store metrics = open(server.healthEndpoint())) {
      assertThatThrownBy(() -> nowhere.get(KEY))
          .hasMessageContaining("http://127.0.0.1:1: connection refused: nothing listens there");
      assertThatThrownBy(() -> unknown.get(KEY)).hasMessageContaining("is not known to DNS");
      assertThatThrownBy(() -> metrics.get(KEY)).hasMessageContaining(server.healthEndpoint());
    }
  }

  @Test
  void aDeadEndpointBeforeALiveOneCostsNothing() {
    try (Store both = open("http://127.0.0.1:1," + server.endpoint())) {
      assertThat(both.get(KEY)).isEmpty();
      both.create(KEY, "1", Lifetime.permanent());
      assertThat(both.get(KEY)).isPresent();
    }
  }

  @Test
  void aClosedStoreSaysSoAndItsWatchesAreSilent() {
    Events events = new Events();
    Events others = new Events();
    store.watch("subnets", store.list("subnets").revision(), events);
    try (Store other = open(server.endpoint());
        Watch _ = other.watch("subnets", other.list("subnets").revision(), others)) {
      store.close();
      put("a", "1");

      assertThatThrownBy(() -> store.get(KEY)).hasMessageContaining("is closed");
      assertThat(others.await(1, SOON)).containsExactly("a=1");
      assertThat(events.words()).isEmpty();
    }
  }
}
