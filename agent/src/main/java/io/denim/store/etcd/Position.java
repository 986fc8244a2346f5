package io.denim.store.etcd;

import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.Event.EventType;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.WatchResponse;
import java.util.List;
import java.util.Optional;

/**
 * How far a watch has come: which events of an answer are to be handed on, and where the next
 * stream has to begin so that none comes twice and none is missed. etcd never divides a revision
 * between two answers. Pure; not for several threads.
 */
final class Position {
  private long resume;
  private long handedOn;
  private Optional<Witness> witness;

  /**
   * A watch that has seen all up to a revision.
   *
   * @param witness a key that is there at that revision
   */
  Position(long revision, Optional<Witness> witness) {
    this.resume = revision;
    this.handedOn = revision;
    this.witness = witness;
  }

  /** Up to here everything has been handed on, or there was nothing. */
  long revision() {
    return resume;
  }

  /** A key that is there at {@link #revision}, if one is known. */
  Optional<Witness> witness() {
    return witness;
  }

  /** The events that are to be handed on, in order. */
  List<Event> take(WatchResponse answer) {
    List<Event> ready =
        answer.getEventsList().stream()
            .filter(each -> each.getKv().getModRevision() > handedOn)
            .toList();
    ready.forEach(this::testify);
    if (!ready.isEmpty()) {
      handedOn = ready.getLast().getKv().getModRevision();
      resume = Math.max(resume, handedOn);
    } else if (isProgress(answer)) {
      // Only where to begin again: an event that comes late all the same is still handed on.
      resume = Math.max(resume, answer.getHeader().getRevision());
    }
    return ready;
  }

  private static boolean isProgress(WatchResponse answer) {
    return answer.getEventsCount() == 0 && !answer.getCreated() && !answer.getCanceled();
  }

  private void testify(Event event) {
    KeyValue now = event.getKv();
    boolean isWitness = witness.filter(each -> each.name().equals(now.getKey())).isPresent();
    if (event.getType() == EventType.DELETE) {
      witness = isWitness ? Optional.empty() : witness;
    } else if (isWitness || witness.isEmpty()) {
      witness =
          Optional.of(new Witness(now.getKey(), now.getCreateRevision(), now.getModRevision()));
    }
  }
}
