package io.denim.store;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;

/** What runs in another JVM that uses the store of a directory. */
final class StoreProcess {
  private StoreProcess() {}

  /** Creates entries without end and prints the name of each when it is acknowledged. */
  static OtherJvm writing(Path directory, String name) throws IOException {
    return start("write", directory, name);
  }

  /** As {@link #writing}, each entry in three steps, with the journal compacted again and again. */
  static OtherJvm churning(Path directory, String name) throws IOException {
    return start("churn", directory, name);
  }

  /** Adds 1 to a number, so many times, and ends. */
  static OtherJvm counting(Path directory, Key key, int times) throws IOException {
    return start("count", directory, key.collection() + " " + key.name() + " " + times);
  }

  /** Prints the events of a collection; the first line is "ready". */
  static OtherJvm watching(Path directory, String collection) throws IOException {
    return start("watch", directory, collection);
  }

  private static OtherJvm start(String verb, Path directory, String argument) throws IOException {
    return OtherJvm.start(StoreProcess.class, verb, directory.toString(), argument);
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
