package io.denim.store.etcd;

import io.denim.store.Event;
import io.denim.store.GrowingPause;
import io.denim.store.Key;
import io.denim.store.StoreException;
import io.denim.store.UnavailableException;
import io.denim.store.Watch;
import io.denim.store.etcd.Cluster.Effect;
import io.etcd.jetcd.api.Event.EventType;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.WatchResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A watch, on a virtual thread of its own. Each stream begins with a question whose answer every
 * member agrees on: whether the history still has the revision up to which all was seen, and in it
 * the key that was there. So a cluster that lost its data is known, and a member that lags behind
 * is not taken for one.
 */
final class Follower implements Watch {
  private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

  // flannel's pauses.
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /** How long a member may take to begin a stream. */
  private static final long CREATION_MILLIS = 5000;

  private final Cluster cluster;
  private final KeySpace keys;
  private final String collection;
  private final KeySpace.Span span;
  private final Position position;
  private final Consumer<Event> consumer;
  private final Object lock = new Object();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean open = true;
  private @Nullable Stream stream;
  private String trouble = "";

  Follower(
      Cluster cluster,
      KeySpace keys,
      String collection,
      KeySpace.Span span,
      Position position,
      Consumer<Event> consumer) {
    this.cluster = cluster;
    this.keys = keys;
    this.collection = collection;
    this.span = span;
    this.position = position;
    this.consumer = consumer;
  }

  /** The history is not the one that was seen, or does not reach back: the watch is over. */
  private static final class LostException extends Exception {
    private static final long serialVersionUID = 1L;

    LostException(String message) {
      super(message);
    }
  }

  void start(Runnable atEnd) {
    Thread.ofVirtual()
        .name("denim-watch-" + collection)
        .start(() -> {
          try {
            run();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } finally {
            atEnd.run();
          }
        });
  }

  private void run() throws InterruptedException {
    GrowingPause pause = new GrowingPause(FIRST_PAUSE, LONGEST_PAUSE);
    while (open) {
      long began = System.nanoTime();
      try {
        follow();
      } catch (LostException e) {
        deliver(new Event.Lost(String.valueOf(e.getMessage())));
        close();
      } catch (StoreException | AskException e) {
        tell(String.valueOf(e.getMessage()));
      } catch (RejectedExecutionException e) {
        // The store was closed at this moment, and with it the thread of the connections.
        close();
      } catch (RuntimeException e) {
        // A watch that ended without a word would be waited for for ever.
        LOG.error("etcd: the watch of \"{}\" met an error of Denim's", collection, e);
      }
      if (System.nanoTime() - began > LONGEST_PAUSE.toNanos()) {
        pause.reset();
      }
      var _ = closed.await(cluster.spread(pause.next().toMillis()), TimeUnit.MILLISECONDS);
    }
  }

  /** The same trouble is told once. */
  private void tell(String now) {
    if (open && !now.equals(trouble)) {
      LOG.warn(
          "etcd: the watch of \"{}\" is interrupted at revision {}: {}",
          collection,
          position.revision(),
          now);
      trouble = now;
    }
  }

  /** Follows until the stream ends, which it does by an exception unless the watch is closed. */
  private void follow() throws InterruptedException, LostException {
    Member member = verify();
    try (Stream now = Stream.open(cluster.streams(member), span, position.revision())) {
      synchronized (lock) {
        if (!open) {
          return;
        }
        stream = now;
      }
      begin(now, member);
      while (open) {
        take(now.next(), member);
      }
    }
  }

  private Member verify() throws LostException {
    String attempted = "watch \"" + collection + "\"";
    RangeRequest.Builder request =
        RangeRequest.newBuilder()
            .setKey(position.witness().map(Witness::name).orElse(span.from()))
            .setRevision(position.revision())
            .setKeysOnly(true);
    Cluster.Answer<RangeResponse> answer;
    try {
      answer = cluster.ask(attempted, KVGrpc.getRangeMethod(), request.build(), Effect.REPEATABLE);
    } catch (AskException e) {
      if (e.trouble().kind() == Trouble.Kind.REVISION) {
        throw lost(e.trouble().words());
      }
      throw new UnavailableException("cannot " + attempted + " in etcd: " + e.getMessage(), e);
    }
    if (position.witness().isPresent()) {
      Witness witness = position.witness().get();
      Optional<KeyValue> found = answer.message().getKvsList().stream().findFirst();
      if (found.filter(each -> each.getCreateRevision() == witness.createRevision()).isEmpty()) {
        throw lost("its history is another one");
      }
    }
    return answer.member();
  }

  private LostException lost(String said) {
    return new LostException(
        said.contains("future revision")
            ? "etcd has not come to revision "
                + position.revision()
                + ", which was seen before: it lost its data or was restored from a backup"
            : "etcd cannot tell what happened after revision " + position.revision() + ": " + said);
  }

  private void begin(Stream now, Member member) throws InterruptedException, LostException {
    Stream.Arrival first =
        now.next(CREATION_MILLIS)
            .orElseThrow(() -> interrupted(member, "no answer within " + CREATION_MILLIS + " ms"));
    take(first, member);
    if (!trouble.isEmpty() && open) {
      LOG.info(
          "etcd: the watch of \"{}\" goes on from revision {} at {}",
          collection,
          position.revision(),
          member.endpoint());
      trouble = "";
    }
  }

  private void take(Stream.Arrival arrival, Member member) throws LostException {
    switch (arrival) {
      case Stream.Arrival.Answer(WatchResponse message) -> {
        if (message.getCompactRevision() > 0) {
          throw lost("the history begins at revision " + message.getCompactRevision());
        }
        if (message.getCanceled()) {
          throw interrupted(member, message.getCancelReason());
        }
        position.take(message).forEach(this::deliver);
      }
      case Stream.Arrival.End(var status) -> {
        Trouble why = cluster.trouble(status, member);
        if (why.kind() == Trouble.Kind.TOO_LARGE) {
          throw lost("it is too much to be taken at once");
        }
        if (open) {
          throw interrupted(member, why.words());
        }
      }
    }
  }

  private UnavailableException interrupted(Member member, String why) {
    return new UnavailableException(member.endpoint() + ": " + why);
  }

  private void deliver(io.etcd.jetcd.api.Event event) {
    KeyValue now = event.getKv();
    Optional<Key> key = keys.key(collection, now.getKey());
    if (key.isPresent()) {
      deliver(
          event.getType() == EventType.DELETE
              ? new Event.Deleted(key.get(), KeySpace.revision(now.getModRevision()))
              : new Event.Put(KeySpace.entry(key.get(), now)));
    }
  }

  private void deliver(Event event) {
    if (!open) {
      return;
    }
    try {
      consumer.accept(event);
    } catch (RuntimeException e) {
      LOG.error("a watch of \"{}\" could not take {}", collection, event, e);
    }
  }

  @Override
  public void close() {
    closed.countDown();
    synchronized (lock) {
      open = false;
      if (stream != null) {
        stream.close();
      }
    }
  }
}
