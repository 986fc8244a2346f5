package io.denim.store.etcd;

import io.denim.store.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.awaitility.Awaitility;

/** What a watch has reported, in words. */
final class Events implements Consumer<Event> {
  private final List<Event> events = new CopyOnWriteArrayList<>();

  @Override
  public void accept(Event event) {
    events.add(event);
  }

  /** Waits for so many, and for them only. */
  List<String> await(int count, Duration patience) {
    Awaitility.await().atMost(patience).until(() -> events.size() >= count);
    return words();
  }

  /** Waits until the watch is lost; the reason. */
  String lost(Duration patience) {
    Awaitility.await()
        .atMost(patience)
        .until(() -> !events.isEmpty() && events.getLast() instanceof Event.Lost);
    return events.getLast() instanceof Event.Lost(String reason) ? reason : "";
  }

  List<String> words() {
    List<String> words = new ArrayList<>();
    for (Event event : events) {
      words.add(
          switch (event) {
            case Event.Put(var entry) -> entry.key().name() + "=" + entry.value();
            case Event.Deleted(var key, _) -> "-" + key.name();
            case Event.Lost _ -> "lost";
          });
    }
    return words;
  }
}
