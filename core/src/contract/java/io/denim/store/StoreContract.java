package io.denim.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store must do. A test class of a store extends this and says how to open one. */
public abstract class StoreContract {
  private static final Key KEY = new Key("subnets", "10.5.52.0-24");
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private Store store = closedStore();

  /** Opens the store; each test gets an empty one, and opening again within a test the same. */
  protected abstract Store open();

  /** Lets time pass on the clock by which the store measures times to live. */
  protected abstract void pass(Duration time);

  private static Store closedStore() {
    return new MemoryStore(new TestClock());
  }

  @BeforeEach
  final void openStore() {
    store = open();
  }

  @AfterEach
  final void closeStore() {
    store.close();
  }

  @Test
  void whatIsCreatedCanBeRead() {
    Entry created = store.create(KEY, "{\"a\":\"ä\"}", Lifetime.permanent());

    assertThat(store.get(KEY)).contains(created);
    assertThat(created.value()).isEqualTo("{\"a\":\"ä\"}");
    assertThat(created.permanent()).isTrue();
  }

  @Test
  void whatWasNeverCreatedIsAbsent() {
    assertThat(store.get(KEY)).isEmpty();
    assertThat(store.list("subnets").entries()).isEmpty();
  }

  @Test
  void creatingTwiceIsAConflictThatShowsThePresentEntry() {
    Entry created = store.create(KEY, "first", Lifetime.permanent());

    ConflictException conflict =
        catchThrowableOfType(
            ConflictException.class, () -> store.create(KEY, "second", Lifetime.permanent()));

    assertThat(conflict.present()).isEqualTo(created);
    assertThat(conflict).hasMessageContaining("create subnets/10.5.52.0-24");
    assertThat(store.get(KEY)).contains(created);
  }

  @Test
  void replacingGivesANewRevision() {
    Entry created = store.create(KEY, "first", Lifetime.permanent());

    Entry replaced = store.replace(KEY, "second", created.revision(), Lifetime.permanent());

    assertThat(replaced.revision()).isNotEqualTo(created.revision());
    assertThat(store.get(KEY)).contains(replaced);
  }

  @Test
  void replacingAnOldRevisionIsAConflict() {
    Entry created = store.create(KEY, "first", Lifetime.permanent());
    Entry second = store.replace(KEY, "second", created.revision(), Lifetime.permanent());

    ConflictException conflict =
        catchThrowableOfType(
            ConflictException.class,
            () -> store.replace(KEY, "third", created.revision(), Lifetime.permanent()));

    assertThat(conflict.present()).isEqualTo(second);
    assertThat(store.get(KEY)).contains(second);
  }

  @Test
  void replacingOrDeletingWhatIsNotThereSaysSo() {
    Entry created = store.create(KEY, "first", Lifetime.permanent());
    store.delete(KEY, created.revision());

    assertThatThrownBy(() -> store.replace(KEY, "x", created.revision(), Lifetime.permanent()))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> store.delete(KEY, created.revision()))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void deletingAnOldRevisionIsAConflict() {
    Entry created = store.create(KEY, "first", Lifetime.permanent());
    Entry second = store.replace(KEY, "second", created.revision(), Lifetime.permanent());

    assertThatThrownBy(() -> store.delete(KEY, created.revision()))
        .isInstanceOf(ConflictException.class);

    assertThat(store.get(KEY)).contains(second);
  }

  @Test
  void aListingHoldsItsOwnCollectionOnlyAndIsSorted() {
    store.create(new Key("", "config"), "{}", Lifetime.permanent());
    store.create(new Key("subnets", "10.0.2.0-24"), "b", Lifetime.permanent());
    store.create(new Key("subnets", "10.0.1.0-24"), "a", Lifetime.permanent());
    store.create(new Key("denim/nodes", "n1"), "c", Lifetime.permanent());

    assertThat(values(store.list("subnets"))).containsExactly("a", "b");
    assertThat(values(store.list(""))).containsExactly("{}");
    assertThat(values(store.list("denim/nodes"))).containsExactly("c");
    assertThat(store.get(new Key("", "config"))).map(Entry::value).contains("{}");
  }

  private static List<String> values(Listing listing) {
    return listing.entries().stream().map(Entry::value).toList();
  }

  @Test
  void aTimeToLiveRunsDownAndStartsAnewWithEachReplacement() {
    Entry created = store.create(KEY, "x", Lifetime.ttl(Duration.ofSeconds(60)));
    pass(Duration.ofSeconds(3));

    Optional<Duration> before = store.get(KEY).flatMap(Entry::timeToLive);
    store.replace(KEY, "x", created.revision(), Lifetime.ttl(Duration.ofSeconds(60)));
    Optional<Duration> after = store.get(KEY).flatMap(Entry::timeToLive);

    assertThat(before.orElseThrow()).isBetween(Duration.ofSeconds(50), Duration.ofSeconds(57));
    assertThat(after.orElseThrow()).isBetween(Duration.ofSeconds(58), Duration.ofSeconds(60));
  }

  @Test
  void anExpiredEntryIsGoneAndItsKeyIsFree() {
    store.create(KEY, "x", Lifetime.ttl(Duration.ofSeconds(2)));
    pass(Duration.ofSeconds(4));

    assertThat(store.get(KEY)).isEmpty();
    assertThat(store.list("subnets").entries()).isEmpty();
    assertThat(store.create(KEY, "y", Lifetime.permanent()).value()).isEqualTo("y");
  }

  @Test
  void anExpiredEntryCannotBeReplaced() {
    Entry created = store.create(KEY, "x", Lifetime.ttl(Duration.ofSeconds(2)));
    pass(Duration.ofSeconds(4));

    assertThatThrownBy(() -> store.replace(KEY, "y", created.revision(), Lifetime.permanent()))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void aReplacementCanMakeAnEntryPermanentAndTheReverse() {
    Entry leased = store.create(KEY, "x", Lifetime.ttl(Duration.ofSeconds(2)));
    Entry kept = store.replace(KEY, "x", leased.revision(), Lifetime.permanent());
    pass(Duration.ofSeconds(4));

    assertThat(store.get(KEY)).contains(kept);
    Entry again = store.replace(KEY, "x", kept.revision(), Lifetime.ttl(Duration.ofSeconds(60)));
    assertThat(again.permanent()).isFalse();
  }

  @Test
  void aWatchReportsEveryChangeAfterItsRevisionInOrder() {
    store.create(KEY, "before", Lifetime.permanent());
    Listing listing = store.list("subnets");
    List<Event> events = new CopyOnWriteArrayList<>();
    try (Watch _ = watch(listing.revision(), events)) {
      Entry present = listing.entries().getFirst();
      Entry second = store.replace(KEY, "second", present.revision(), Lifetime.permanent());
      store.create(new Key("elsewhere", "x"), "unseen", Lifetime.permanent());
      store.delete(KEY, second.revision());
      store.create(KEY, "third", Lifetime.permanent());

      await().atMost(PATIENCE).until(() -> events.size() >= 3);

      assertThat(words(events)).containsExactly("put second", "deleted 10.5.52.0-24", "put third");
    }
  }

  @Test
  void aWatchOfOneEntryReportsNothingElse() {
    Key config = new Key("", "config");
    Entry before = store.create(config, "before", Lifetime.permanent());
    Listing listing = store.list("");
    List<Event> events = new CopyOnWriteArrayList<>();
    try (Watch _ = store.watch(config, listing.revision(), events::add)) {
      store.create(new Key("", "config2"), "beside", Lifetime.permanent());
      store.create(KEY, "below", Lifetime.permanent());
      store.create(new Key("config", "x"), "below its name", Lifetime.permanent());
      Entry second = store.replace(config, "second", before.revision(), Lifetime.permanent());
      store.delete(config, second.revision());
      store.create(config, "third", Lifetime.permanent());

      await().atMost(PATIENCE).until(() -> events.size() >= 3);

      assertThat(words(events)).containsExactly("put second", "deleted config", "put third");
    }
  }

  @Test
  void aWatchFromThePastBeginsThere() {
    Listing listing = store.list("subnets");
    Entry first = store.create(KEY, "first", Lifetime.permanent());
    store.replace(KEY, "second", first.revision(), Lifetime.permanent());
    List<Event> events = new CopyOnWriteArrayList<>();

    try (Watch _ = watch(listing.revision(), events)) {
      await().atMost(PATIENCE).until(() -> events.size() >= 2);
      assertThat(words(events)).containsExactly("put first", "put second");
    }
  }

  @Test
  void aWatchGoesOnFromTheRevisionOfAnEvent() {
    Listing listing = store.list("subnets");
    Entry first = store.create(KEY, "first", Lifetime.permanent());
    store.replace(KEY, "second", first.revision(), Lifetime.permanent());
    List<Event> events = new CopyOnWriteArrayList<>();

    try (Watch _ = watch(first.revision(), events)) {
      await().atMost(PATIENCE).until(() -> !events.isEmpty());
      assertThat(words(events)).containsExactly("put second");
      assertThat(listing.revision()).isNotEqualTo(first.revision());
    }
  }

  @Test
  void expiryIsReportedOnceAsADeletion() {
    Listing listing = store.list("subnets");
    List<Event> events = new CopyOnWriteArrayList<>();
    try (Watch _ = watch(listing.revision(), events)) {
      store.create(KEY, "x", Lifetime.ttl(Duration.ofSeconds(2)));
      pass(Duration.ofSeconds(4));
      store.list("subnets");
      await().atMost(PATIENCE).until(() -> events.size() >= 2);
      store.create(KEY, "y", Lifetime.permanent());
      await().atMost(PATIENCE).until(() -> events.size() >= 3);

      assertThat(words(events)).containsExactly("put x", "deleted 10.5.52.0-24", "put y");
    }
  }

  @Test
  void aClosedWatchIsSilent() {
    List<Event> closed = new CopyOnWriteArrayList<>();
    List<Event> open = new CopyOnWriteArrayList<>();
    Revision from = store.list("subnets").revision();
    watch(from, closed).close();
    try (Watch _ = watch(from, open)) {
      store.create(KEY, "x", Lifetime.permanent());
      await().atMost(PATIENCE).until(() -> !open.isEmpty());
      assertThat(closed).isEmpty();
    }
  }

  @Test
  void aConsumerThatThrowsStillGetsTheNextEvent() {
    List<Event> events = new CopyOnWriteArrayList<>();
    Revision from = store.list("subnets").revision();
    try (Watch _ =
        store.watch(
            "subnets",
            from,
            event -> {
              events.add(event);
              throw new IllegalStateException("the consumer of this test always throws");
            })) {
      Entry first = store.create(KEY, "first", Lifetime.permanent());
      store.replace(KEY, "second", first.revision(), Lifetime.permanent());
      await().atMost(PATIENCE).until(() -> events.size() >= 2);
      assertThat(words(events)).containsExactly("put first", "put second");
    }
  }

  @Test
  void ofManyThatCreateOneKeyOneWins() throws InterruptedException {
    List<String> won = new CopyOnWriteArrayList<>();
    List<Thread> threads =
        IntStream.range(0, 20)
            .mapToObj(i ->
                Thread.startVirtualThread(() -> {
                  try {
                    store.create(KEY, "writer " + i, Lifetime.permanent());
                    won.add("writer " + i);
                  } catch (ConflictException e) {
                    assertThat(e.present().key()).isEqualTo(KEY);
                  }
                }))
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(won).hasSize(1);
    assertThat(store.get(KEY)).map(Entry::value).contains(won.getFirst());
  }

  @Test
  void countingByCompareAndSwapLosesNothing() throws InterruptedException {
    store.create(KEY, "0", Lifetime.permanent());
    List<Thread> threads =
        IntStream.range(0, 8)
            .mapToObj(i -> Thread.startVirtualThread(() -> count(store, KEY, 10)))
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(store.get(KEY)).map(Entry::value).contains("80");
  }

  /** Adds 1 to a number in a store, so many times. */
  static void count(Store store, Key key, int times) {
    for (int i = 0; i < times; i++) {
      boolean done = false;
      while (!done) {
        Entry present = store.get(key).orElseThrow();
        String next = Integer.toString(Integer.parseInt(present.value()) + 1);
        try {
          store.replace(key, next, present.revision(), Lifetime.permanent());
          done = true;
        } catch (ConflictException e) {
          assertThat(e.present().revision()).isNotEqualTo(present.revision());
        }
      }
    }
  }

  private Watch watch(Revision from, List<Event> into) {
    return store.watch("subnets", from, into::add);
  }

  static List<String> words(List<Event> events) {
    List<String> words = new ArrayList<>();
    for (Event event : events) {
      words.add(
          switch (event) {
            case Event.Put put -> "put " + put.entry().value();
            case Event.Deleted deleted -> "deleted " + deleted.key().name();
            case Event.Lost lost -> "lost";
          });
    }
    return words;
  }
}
