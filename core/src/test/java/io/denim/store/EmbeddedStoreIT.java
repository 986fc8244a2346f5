package io.denim.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class EmbeddedStoreIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Key COUNTER = new Key("c", "counter");

  @TempDir private Path directory = Path.of("");
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private EmbeddedStore store() {
    return keep(new EmbeddedStore(directory, InstantSource.system()));
  }

  private EmbeddedStore store(Retention retention) {
    return keep(new EmbeddedStore(directory, InstantSource.system(), retention));
  }

  private <T extends AutoCloseable> T keep(T opened) {
    open.add(opened);
    return opened;
  }

  private List<Event> watch(Store store, String collection) {
    List<Event> events = new CopyOnWriteArrayList<>();
    keep(store.watch(collection, store.list(collection).revision(), events::add));
    return events;
  }

  private static void write(Store store, int from, int to) {
    for (int i = from; i < to; i++) {
      store.create(new Key("many", "n%05d".formatted(i)), "v" + i, Lifetime.permanent());
    }
  }

  private static List<String> names(Store store, String collection) {
    return store.list(collection).entries().stream().map(entry -> entry.key().name()).toList();
  }

  private Path journal() {
    return directory.resolve("journal");
  }

  @Test
  void whatWasAcknowledgedSurvivesAnyNumberOfKills() throws Exception {
    Random random = new Random(1);
    EmbeddedStore witness = store();
    List<Event> events = watch(witness, "acked");
    List<String> acknowledged = new ArrayList<>();
    int kills = 0;
    for (int round = 0; round < 16; round++) {
      List<OtherJvm> writers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        writers.add(keep(StoreProcess.writing(directory, "r" + round + "w" + i)));
      }
      for (OtherJvm writer : writers) {
        int enough = 1 + random.nextInt(40);
        await()
            .pollInterval(Duration.ofMillis(2))
            .atMost(PATIENCE)
            .until(() -> writer.lines().size() >= enough);
        acknowledged.addAll(writer.kill());
        kills++;
      }
    }
    EmbeddedStore fresh = store();
    List<Entry> entries = fresh.list("acked").entries();
    await().atMost(PATIENCE).until(() -> events.size() >= entries.size());

    assertThat(kills).isGreaterThanOrEqualTo(30);
    assertThat(names(fresh, "acked")).containsAll(acknowledged).doesNotHaveDuplicates();
    assertThat(entries)
        .allSatisfy(
            entry -> assertThat(entry.value()).isEqualTo(StoreProcess.value(entry.key().name())));
    assertThat(names(witness, "acked")).isEqualTo(names(fresh, "acked"));
    assertThat(events).hasSameSizeAs(entries).doesNotHaveDuplicates();
  }

  @Test
  void killsDuringCompactionLoseNothing() throws Exception {
    Random random = new Random(2);
    EmbeddedStore witness = store();
    List<String> acknowledged = new ArrayList<>();
    for (int round = 0; round < 5; round++) {
      List<OtherJvm> writers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        writers.add(keep(StoreProcess.churning(directory, "r" + round + "w" + i)));
      }
      for (OtherJvm writer : writers) {
        int enough = 1 + random.nextInt(10);
        await()
            .pollInterval(Duration.ofMillis(1))
            .atMost(PATIENCE)
            .until(() -> writer.lines().size() >= enough);
        acknowledged.addAll(writer.kill());
      }
    }
    EmbeddedStore fresh = store();

    assertThat(names(fresh, "acked")).containsAll(acknowledged);
    assertThat(fresh.list("acked").entries())
        .filteredOn(entry -> acknowledged.contains(entry.key().name()))
        .allSatisfy(entry ->
            assertThat(entry.value()).isEqualTo(StoreProcess.value(entry.key().name()) + 4));
    assertThat(witness.list("acked")).isEqualTo(fresh.list("acked"));
    assertThat(Files.size(journal())).isLessThan(10_000L * fresh.list("acked").entries().size());
  }

  @Test
  void processesThatCountTogetherLoseNothing() throws Exception {
    EmbeddedStore here = store();
    here.create(COUNTER, "0", Lifetime.permanent());
    List<OtherJvm> others = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      others.add(keep(StoreProcess.counting(directory, COUNTER, 60)));
    }
    StoreContract.count(here, COUNTER, 60);
    for (OtherJvm other : others) {
      assertThat(other.end()).isZero();
    }

    assertThat(here.get(COUNTER)).map(Entry::value).contains("240");
  }

  @Test
  void storesOfOneJvmOnOneDirectoryCountTogether() throws InterruptedException {
    store().create(COUNTER, "0", Lifetime.permanent());
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      EmbeddedStore own = store();
      threads.add(Thread.startVirtualThread(() -> StoreContract.count(own, COUNTER, 20)));
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(store().get(COUNTER)).map(Entry::value).contains("120");
  }

  @Test
  void anotherStoreOfTheJvmReadsAndWatchesWhatWasJustWritten() {
    EmbeddedStore writer = store();
    EmbeddedStore reader = store();
    List<Event> events = watch(reader, "many");
    for (int i = 0; i < 200; i++) {
      write(writer, i, i + 1);
      assertThat(reader.list("many").entries()).hasSize(i + 1);
    }

    await().atMost(PATIENCE).until(() -> events.size() == 200);
    assertThat(StoreContract.words(events).getLast()).isEqualTo("put v199");
  }

  @Test
  void anotherProcessSeesChangesInOrder() throws Exception {
    EmbeddedStore writer = store();
    OtherJvm other = keep(StoreProcess.watching(directory, "many"));
    await().atMost(PATIENCE).until(() -> other.lines().contains("ready"));
    write(writer, 0, 100);

    await().atMost(PATIENCE).until(() -> other.lines().size() == 101);
    assertThat(other.lines().subList(1, 101))
        .containsExactlyElementsOf(IntStream.range(0, 100).mapToObj(i -> "put v" + i).toList());
  }

  @Test
  void everyWatchSeesEachExpiryOnceWhoeverIsAlive() throws Exception {
    EmbeddedStore writer = store();
    List<List<Event>> watched = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      watched.add(watch(store(), "short"));
    }
    OtherJvm other = keep(StoreProcess.watching(directory, "short"));
    await().atMost(PATIENCE).until(() -> other.lines().contains("ready"));
    for (int i = 0; i < 20; i++) {
      writer.create(new Key("short", "k" + i), "v", Lifetime.ttl(Duration.ofMillis(300)));
    }
    writer.close();

    await().atMost(PATIENCE).until(() -> other.lines().size() == 41);
    await().atMost(PATIENCE).until(() -> watched.stream().allMatch(seen -> seen.size() == 40));
    for (List<Event> seen : watched) {
      List<String> words = StoreContract.words(seen);
      assertThat(words.stream().filter(word -> word.startsWith("deleted")))
          .hasSize(20)
          .doesNotHaveDuplicates();
    }
    assertThat(other.lines())
        .filteredOn(line -> line.startsWith("deleted"))
        .doesNotHaveDuplicates();
  }

  @Test
  void aStoreThatIsClosedSaysSo() {
    EmbeddedStore store = store();
    store.close();
    store.close();

    assertThatThrownBy(() -> store.list("x"))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("is closed");
  }

  @Test
  void aJournalCutAtAnyByteOfItsLastFrameHoldsAllBefore() throws IOException {
    EmbeddedStore writer = store();
    write(writer, 0, 3);
    long whole = Files.size(journal());
    write(writer, 3, 4);
    byte[] bytes = Files.readAllBytes(journal());
    writer.close();
    for (int length = (int) whole; length < bytes.length; length += 3) {
      Path copy = Files.createDirectory(directory.resolve("cut" + length));
      Files.write(copy.resolve("journal"), Arrays.copyOf(bytes, length));
      try (EmbeddedStore store = new EmbeddedStore(copy, InstantSource.system())) {
        assertThat(names(store, "many")).containsExactly("n00000", "n00001", "n00002");
        write(store, 7, 8);
      }
      try (EmbeddedStore again = new EmbeddedStore(copy, InstantSource.system())) {
        assertThat(names(again, "many")).containsExactly("n00000", "n00001", "n00002", "n00007");
      }
    }
  }

  @Test
  void aStoreThatIsOpenCutsWhatACrashedWriterLeft() throws IOException {
    EmbeddedStore store = store();
    write(store, 0, 3);
    List<Event> events = watch(store, "many");
    byte[] bytes = Files.readAllBytes(journal());
    Files.write(journal(), Arrays.copyOf(bytes, 40), StandardOpenOption.APPEND);

    assertThat(names(store, "many")).hasSize(3);
    write(store, 3, 5);

    await().atMost(PATIENCE).until(() -> events.size() == 2);
    assertThat(names(store(), "many")).hasSize(5);
  }

  @Test
  void damageInTheMiddleIsReportedWithItsPlaceAndNothingIsLost() throws IOException {
    EmbeddedStore writer = store();
    write(writer, 0, 1);
    long at = Files.size(journal());
    write(writer, 1, 3);
    writer.close();
    byte[] before = flip(at + 20);

    EmbeddedStore store = store();
    CorruptException refused =
        catchThrowableOfType(CorruptException.class, () -> store.list("many"));

    assertThat(refused)
        .hasMessageContaining(journal() + " is damaged at byte " + at)
        .hasMessageContaining("checksum")
        .hasMessageContaining("truncate -s " + at);
    assertThatThrownBy(() -> write(store, 7, 8)).isInstanceOf(CorruptException.class);
    assertThat(Files.readAllBytes(journal())).isEqualTo(before);
  }

  /** Damages one byte of the journal and gives the damaged content. */
  private byte[] flip(long at) throws IOException {
    try (FileChannel file = FileChannel.open(journal(), StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(new byte[] {(byte) 0xa5}), at);
    }
    return Files.readAllBytes(journal());
  }

  @Test
  void aFileThatIsNoJournalIsReported() throws IOException {
    Files.writeString(journal(), "hello, this is not a journal of any store, but long enough");

    assertThatThrownBy(() -> store().list("x"))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("does not begin as a journal");
  }

  @Test
  void aRepairedJournalIsUsedWithoutARestart() throws IOException {
    EmbeddedStore store = store();
    write(store, 0, 3);
    byte[] good = Files.readAllBytes(journal());
    Files.writeString(journal(), "nonsense");
    assertThatThrownBy(() -> store.list("many")).isInstanceOf(CorruptException.class);

    Files.write(journal(), good);

    assertThat(names(store, "many")).hasSize(3);
  }

  @Test
  void compactionKeepsEntriesRevisionsAndRecentHistory() {
    EmbeddedStore store = store(new Retention(20, 1 << 20));
    EmbeddedStore other = store(new Retention(20, 1 << 20));
    Entry first = store.create(COUNTER, "0", Lifetime.permanent());
    List<Event> seenByOther = watch(other, "c");
    List<Event> seen = watch(store, "c");
    for (int i = 1; i <= 25; i++) {
      // Fewer than what compaction keeps, so that no watch can fall behind.
      StoreContract.count(store, COUNTER, 4);
      int expected = 4 * i;
      await()
          .pollInterval(Duration.ofMillis(1))
          .atMost(PATIENCE)
          .until(() -> seen.size() == expected && seenByOther.size() == expected);
    }
    Entry last = store.get(COUNTER).orElseThrow();

    assertThat(StoreContract.words(seen)).isEqualTo(StoreContract.words(seenByOther));
    assertThat(other.get(COUNTER)).contains(last);
    assertThat(store().get(COUNTER)).contains(last);
    assertThat(journal().toFile().length()).isLessThan(4000);
    assertThat(first.revision()).isNotEqualTo(last.revision());
  }

  @Test
  void aWatchFromBeforeTheHistoryIsLostAndFromWithinItIsNot() {
    EmbeddedStore store = store(new Retention(20, 1 << 20));
    Entry first = store.create(COUNTER, "0", Lifetime.permanent());
    StoreContract.count(store, COUNTER, 100);
    Revision recent = store.get(COUNTER).orElseThrow().revision();
    StoreContract.count(store, COUNTER, 1);
    List<Event> old = new CopyOnWriteArrayList<>();
    List<Event> fresh = new CopyOnWriteArrayList<>();

    keep(store.watch("c", first.revision(), old::add));
    keep(store.watch("c", recent, fresh::add));

    await().atMost(PATIENCE).until(() -> !old.isEmpty() && !fresh.isEmpty());
    assertThat(old).singleElement().isInstanceOf(Event.Lost.class);
    assertThat(StoreContract.words(fresh)).containsExactly("put 101");
  }

  @Test
  void aDirectoryThatIsEmptiedIsAnEmptyStoreAndItsWatchesAreLost() throws IOException {
    EmbeddedStore store = store();
    write(store, 0, 3);
    List<Event> events = watch(store, "many");
    Files.delete(journal());

    assertThat(store.list("many").entries()).isEmpty();
    await().atMost(PATIENCE).until(() -> events.size() == 1);
    assertThat(events.getFirst()).isInstanceOf(Event.Lost.class);
    write(store, 5, 6);
    assertThat(names(store(), "many")).containsExactly("n00005");
  }

  @Test
  void aRemovedLockFileIsNoticedBeforeAnythingIsWritten() throws IOException {
    EmbeddedStore store = store();
    write(store, 0, 1);
    Files.delete(directory.resolve("lock"));

    assertThatThrownBy(() -> write(store, 1, 2))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("was removed or replaced");
  }

  @Test
  void onlyItsOwnerCanReadTheStore() throws IOException {
    Path nested = directory.resolve("a/b");
    keep(new EmbeddedStore(nested, InstantSource.system()));

    assertThat(Files.getPosixFilePermissions(nested)).hasSize(3);
    try (Stream<Path> files = Files.list(nested)) {
      assertThat(files.map(file -> String.valueOf(file.getFileName()))).containsExactly("lock");
    }
  }

  @Test
  void whatIsTooLargeOrNoTextIsRefused() {
    EmbeddedStore store = store();

    assertThatThrownBy(() -> store.create(COUNTER, "x".repeat(1 << 21), Lifetime.permanent()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1048576 bytes");
    assertThatThrownBy(() -> store.create(COUNTER, "\ud800", Lifetime.permanent()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
