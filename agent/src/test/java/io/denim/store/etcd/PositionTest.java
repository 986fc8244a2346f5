package io.denim.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

final class PositionTest {
  private final Position position = new Position(10, Optional.empty());

  @Test
  void whatWasSeenIsNotHandedOnAgain() {
    assertThat(position.take(answer(12, put("a", 9), put("a", 11), put("b", 12))))
        .containsExactly(put("a", 11), put("b", 12));
    assertThat(position.take(answer(13, put("b", 12), put("c", 13)))).containsExactly(put("c", 13));
    assertThat(position.revision()).isEqualTo(13);
  }

  @Test
  void allEventsOfOneRevisionAreHandedOn() {
    assertThat(position.take(answer(11, put("a", 11), delete("b", 11)))).hasSize(2);
  }

  @Test
  void progressMovesTheBeginningOfTheNextStreamOnly() {
    assertThat(position.take(answer(20))).isEmpty();
    assertThat(position.revision()).isEqualTo(20);

    assertThat(position.take(answer(21, put("late", 15)))).containsExactly(put("late", 15));
    assertThat(position.revision()).isEqualTo(20);
  }

  @Test
  void theBeginningOfAStreamIsNoProgress() {
    position.take(answer(20).toBuilder().setCreated(true).build());
    position.take(answer(30).toBuilder().setCanceled(true).build());

    assertThat(position.revision()).isEqualTo(10);
  }

  @Test
  void aKeyThatIsThereIsTheWitnessUntilItIsDeleted() {
    assertThat(position.witness()).isEmpty();

    position.take(answer(11, put("a", 11), put("b", 11)));
    assertThat(position.witness()).contains(new Witness(bytes("a"), 11, 11));

    position.take(answer(12, delete("b", 12)));
    assertThat(position.witness()).contains(new Witness(bytes("a"), 11, 11));

    position.take(answer(13, delete("a", 13)));
    assertThat(position.witness()).isEmpty();
  }

  @Property
  void howeverStreamsBreakEveryEventComesOnceAndInOrder(
      @ForAll @Size(max = 20) List<@IntRange(min = 1, max = 5) Integer> lengths,
      @ForAll @IntRange(max = 3) int repeated) {
    Position watch = new Position(0, Optional.empty());
    List<Long> seen = new ArrayList<>();
    for (int length : lengths) {
      // A stream begins behind what was seen, or a little before it, and breaks after some events.
      long from = Math.max(1, watch.revision() + 1 - repeated);
      for (long revision = from; revision < from + repeated + length; revision++) {
        watch
            .take(answer(revision, put("k", revision)))
            .forEach(each -> seen.add(each.getKv().getModRevision()));
      }
    }

    for (int i = 0; i < seen.size(); i++) {
      assertThat(seen.get(i)).isEqualTo(i + 1);
    }
    assertThat(watch.revision()).isEqualTo(seen.size());
  }

  private static WatchResponse answer(long revision, Event... events) {
    return WatchResponse.newBuilder()
        .setHeader(ResponseHeader.newBuilder().setRevision(revision))
        .addAllEvents(List.of(events))
        .build();
  }

  private static Event put(String key, long revision) {
    return Event.newBuilder()
        .setType(Event.EventType.PUT)
        .setKv(
            KeyValue.newBuilder()
                .setKey(bytes(key))
                .setModRevision(revision)
                .setCreateRevision(revision))
        .build();
  }

  private static Event delete(String key, long revision) {
    return Event.newBuilder()
        .setType(Event.EventType.DELETE)
        .setKv(KeyValue.newBuilder().setKey(bytes(key)).setModRevision(revision))
        .build();
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }
}
