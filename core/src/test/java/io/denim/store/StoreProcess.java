package io.denim.store;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/**
 * Another JVM that uses the store of a directory, and what it has printed. Its main method is what
 * runs there.
 */
final class StoreProcess implements AutoCloseable {
  private final Process process;
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Thread reader;

  private StoreProcess(Process process) {
    this.process = process;
    this.reader = Thread.ofVirtual().start(this::readLines);
  }

  /** Creates entries without end and prints the name of each when it is acknowledged. */
  static StoreProcess writing(Path directory, String name) throws IOException {
    return start("write", directory, name);
  }

  /** As {@link #writing}, each entry in three steps, with the journal compacted again and again. */
  static StoreProcess churning(Path directory, String name) throws IOException {
    return start("churn", directory, name);
  }

  /** Adds 1 to a number, so many times, and ends. */
  static StoreProcess counting(Path directory, Key key, int times) throws IOException {
    return start("count", directory, key.collection() + " " + key.name() + " " + times);
  }

  /** Prints the events of a collection; the first line is "ready". */
  static StoreProcess watching(Path directory, String collection) throws IOException {
    return start("watch", directory, collection);
  }

  private static StoreProcess start(String verb, Path directory, String argument)
      throws IOException {
    return new StoreProcess(
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                StoreProcess.class.getName(),
                verb,
                directory.toString(),
                argument)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }

  private void readLines() {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      in.lines().forEach(lines::add);
    } catch (IOException | UncheckedIOException e) {
      lines.add("broken: " + e);
    }
  }

  /** What has been printed so far. */
  List<String> lines() {
    return lines;
  }

  /** Kills the process as kill -9 does, and gives all that it has printed. */
  List<String> kill() throws InterruptedException {
    // By the handle, because Process.destroyForcibly also closes the pipe with the last lines in
    // it.
    process.toHandle().destroyForcibly();
    process.waitFor();
    reader.join();
    return lines;
  }

  /** Waits for the end and gives the exit code. */
  int end() throws InterruptedException {
    int code = process.waitFor();
    reader.join();
    return code;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** The value of an entry; longer than a page now and then, and known by its name. */
  static String value(String name) {
    return name + ":" + "x".repeat(new Random(name.hashCode()).nextInt(5000));
  }

  /** Runs in the other JVM. */
  public static void main(String[] arguments) throws InterruptedException {
    Retention retention =
        arguments[0].equals("churn") ? new Retention(20, 1 << 20) : Retention.USUAL;
    try (Store store =
        new EmbeddedStore(Path.of(arguments[1]), InstantSource.system(), retention)) {
      switch (arguments[0]) {
        case "write" -> write(store, arguments[2]);
        case "churn" -> churn(store, arguments[2]);
        case "count" -> {
          String[] words = arguments[2].split(" ", -1);
          StoreContract.count(store, new Key(words[0], words[1]), Integer.parseInt(words[2]));
        }
        case "watch" -> watch(store, arguments[2]);
        default -> throw new IllegalArgumentException(arguments[0]);
      }
    }
  }

  private static void write(Store store, String prefix) {
    for (int i = 0; true; i++) {
      String name = prefix + "-" + i;
      store.create(new Key("acked", name), value(name), Lifetime.permanent());
      System.out.println(name);
    }
  }

  private static void churn(Store store, String prefix) {
    for (int i = 0; true; i++) {
      String name = prefix + "-" + i;
      Entry entry = store.create(new Key("acked", name), "begun", Lifetime.permanent());
      for (int step = 0; step < 5; step++) {
        entry =
            store.replace(entry.key(), value(name) + step, entry.revision(), Lifetime.permanent());
      }
      System.out.println(name);
    }
  }

  private static void watch(Store store, String collection) throws InterruptedException {
    Revision from = store.list(collection).revision();
    try (Watch _ =
        store.watch(
            collection,
            from,
            event -> System.out.println(StoreContract.words(List.of(event)).getFirst()))) {
      System.out.println("ready");
      new CountDownLatch(1).await();
    }
  }
}
