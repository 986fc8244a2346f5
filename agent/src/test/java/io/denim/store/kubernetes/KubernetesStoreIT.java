package io.denim.store.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.denim.fixture.Wire;
import io.denim.store.Entry;
import io.denim.store.Event;
import io.denim.store.Key;
import io.denim.store.Lifetime;
import io.denim.store.Listing;
import io.denim.store.TestClock;
import io.denim.store.UnavailableException;
import io.denim.store.Watch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What the store of ConfigMaps does beyond the contract of all stores. */
@Timeout(120)
final class KubernetesStoreIT {
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Key KEY = new Key("subnets", "10.5.52.0-24");

  @TempDir private static Path folder = Path.of("");
  private static @Nullable ApiServer running;

  private final TestClock clock = new TestClock();
  private final String namespace = "store-" + NUMBER.incrementAndGet();
  private final Wire wire = new Wire(server().port());
  private final KubernetesApi api = Hasty.api(overWire());
  private final KubernetesStore store = new KubernetesStore(api, namespace, clock, new Random(1));

  @BeforeAll
  static void start() {
    running = ApiServer.start(folder);
  }

  @AfterAll
  static void stop() {
    server().close();
  }

  private static ApiServer server() {
    return Optional.ofNullable(running).orElseThrow();
  }

  private KubernetesAccess overWire() {
    return KubernetesAccess.kubeconfig(
        server()
            .write(
                namespace + ".kubeconfig",
                server()
                    .kubeconfig(
                        "https://127.0.0.1:" + wire.port(), server().certificate("admin"))));
  }

  @BeforeEach
  void makeNamespace() {
    server().namespace(namespace);
  }

  @AfterEach
  void close() {
    store.close();
    api.close();
    wire.close();
  }

  private String path() {
    return "/api/v1/namespaces/" + namespace + "/configmaps";
  }

  private List<String> names() {
    return server()
        .get(path())
        .path("items")
        .valueStream()
        .map(item -> item.path("metadata").path("name").asString())
        .filter(name -> !name.equals("kube-root-ca.crt"))
        .toList();
  }

  private static List<String> words(List<Event> events) {
    return events.stream()
        .map(event ->
            switch (event) {
              case Event.Put(Entry entry) -> "put " + entry.value();
              case Event.Deleted(Key key, _) -> "deleted " + key.name();
              case Event.Lost _ -> "lost";
            })
        .toList();
  }

  @Test
  void anEntryIsAConfigMapThatAPersonCanRead() {
    store.create(KEY, "{}", Lifetime.ttl(Duration.ofSeconds(60)));

    JsonNode map = server().get(path() + "/subnets-x-10.5.52.0-24");
    assertThat(map.path("data").path("value").asString()).isEqualTo("{}");
    assertThat(map.path("metadata").path("labels").path("denim.io/collection").asString())
        .isEqualTo("subnets");
    assertThat(map.path("metadata").path("annotations").path("denim.io/expires").asString())
        .isEqualTo("2026-01-01T00:01:00Z");
  }

  @Test
  void strangeKeysAreKept() {
    Key strange = new Key("a/Ä b", "c/../ü\n" + "x".repeat(400));

    Entry created = store.create(strange, "\u0001\ud83d\ude00", Lifetime.permanent());

    assertThat(store.get(strange)).contains(created);
    assertThat(store.list("a/Ä b").entries()).containsExactly(created);
  }

  @Test
  void writingTheSameAgainIsAWrite() {
    Entry first = store.create(KEY, "same", Lifetime.permanent());
    Entry second = store.replace(KEY, "same", first.revision(), Lifetime.permanent());
    Entry third = store.replace(KEY, "same", second.revision(), Lifetime.permanent());

    assertThat(List.of(first.revision(), second.revision(), third.revision()))
        .doesNotHaveDuplicates();
  }

  @Test
  void aWatchTellsTheEndOfWhatWasThereBeforeItBegan() {
    store.create(KEY, "x", Lifetime.ttl(Duration.ofSeconds(30)));
    Listing listing = store.list("subnets");
    List<Event> events = new CopyOnWriteArrayList<>();
    try (Watch _ = store.watch("subnets", listing.revision(), events::add)) {
      clock.pass(Duration.ofSeconds(31));

      await().atMost(PATIENCE).until(() -> !events.isEmpty());
      assertThat(words(events)).containsExactly("deleted 10.5.52.0-24");
    }
  }

  @Test
  void anEndIsToldOnceAlthoughTheConfigMapIsDeletedLater() {
    Listing listing = store.list("subnets");
    List<Event> events = new CopyOnWriteArrayList<>();
    try (Watch _ = store.watch("subnets", listing.revision(), events::add)) {
      store.create(KEY, "x", Lifetime.ttl(Duration.ofSeconds(30)));
      await().atMost(PATIENCE).until(() -> events.size() == 1);
      clock.pass(Duration.ofSeconds(31));
      await().atMost(PATIENCE).until(() -> events.size() == 2);

      clock.pass(Duration.ofMinutes(3));
      store.list("subnets");
      assertThat(names()).isEmpty();
      store.create(new Key("subnets", "other"), "y", Lifetime.permanent());

      await().atMost(PATIENCE).until(() -> events.size() == 3);
      assertThat(words(events)).containsExactly("put x", "deleted 10.5.52.0-24", "put y");
    }
  }

  @Test
  void whatHasEndedIsDeletedByWhoListsAWhileLater() {
    store.create(KEY, "x", Lifetime.ttl(Duration.ofSeconds(30)));
    clock.pass(Duration.ofSeconds(31));
    store.list("subnets");
    assertThat(names()).hasSize(1);

    clock.pass(Duration.ofMinutes(2));
    store.list("subnets");

    assertThat(names()).isEmpty();
  }

  @Test
  void aConfigMapThatIsNotDenimsIsLeftAlone() {
    server()
        .post(
            path(),
            "{\"metadata\":{\"name\":\"subnets-x-10.5.52.0-24\"},\"data\":{\"value\":\"mine\"}}");
    server()
        .post(
            path(),
            "{\"metadata\":{\"name\":\"copy\",\"labels\":{\"denim.io/collection\":\"subnets\"}}}");

    assertThat(store.get(KEY)).isEmpty();
    assertThat(store.list("subnets").entries()).isEmpty();
    assertThatThrownBy(() -> store.create(KEY, "x", Lifetime.permanent()))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("is not Denim's");
  }

  @Test
  void aNamespaceThatIsMissingIsTold() {
    KubernetesStore nowhere = new KubernetesStore(api, "nowhere", clock, new Random(1));

    assertThatThrownBy(() -> nowhere.create(KEY, "x", Lifetime.permanent()))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("create the namespace nowhere");
  }

  @Test
  void aWatchGoesOnAfterAnInterruption() {
    Listing listing = store.list("subnets");
    List<Event> events = new CopyOnWriteArrayList<>();
    try (Watch _ = store.watch("subnets", listing.revision(), events::add)) {
      store.create(KEY, "before", Lifetime.permanent());
      await().atMost(PATIENCE).until(() -> events.size() == 1);

      wire.cut();
      KubernetesApi direct = KubernetesApi.of(server().administrator());
      try (direct) {
        new KubernetesStore(direct, namespace, clock, new Random(2))
            .create(new Key("subnets", "other"), "meanwhile", Lifetime.permanent());
      }
      wire.mend();

      await().atMost(PATIENCE).until(() -> events.size() == 2);
      assertThat(words(events)).containsExactly("put before", "put meanwhile");
    }
  }

  @Test
  void aServerThatLostItsDataEndsAWatch() {
    Listing listing = store.list("subnets");
    List<Event> events = new CopyOnWriteArrayList<>();
    try (Watch _ = store.watch("subnets", listing.revision(), events::add)) {
      store.create(KEY, "x", Lifetime.permanent());
      await().atMost(PATIENCE).until(() -> events.size() == 1);

      server().loseData();

      await().atMost(Duration.ofSeconds(60)).until(() -> events.size() == 2);
      assertThat(words(events)).containsExactly("put x", "lost");
    }
  }
}
