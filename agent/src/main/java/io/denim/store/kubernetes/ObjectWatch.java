package io.denim.store.kubernetes;

import io.denim.model.Json;
import io.denim.store.GrowingPause;
import io.denim.store.UnavailableException;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * What happens to the objects of a list after a resourceVersion. It survives interruptions by
 * itself, until the server no longer knows what happened since.
 */
public final class ObjectWatch<T extends ObjectReader.Versioned> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KubernetesApi.class);

  private final KubernetesApi api;
  private final Limits limits;
  private final ObjectList list;
  private final ObjectReader<T> reader;
  private final RandomGenerator random;
  private final Consumer<WatchEvent<T>> consumer;
  private final GrowingPause pause =
      new GrowingPause(Duration.ofMillis(100), Duration.ofSeconds(10));
  private final Thread thread;
  private KubernetesApi.@Nullable Answer answer;
  private volatile boolean open = true;

  // Of the thread alone.
  private String revision;

  /** Why it is interrupted, as the consumer knows; empty while it is not. */
  private String told = "";

  private boolean fresh = true;
  private boolean busy;
  private int count;

  ObjectWatch(
      KubernetesApi api,
      Limits limits,
      ObjectList list,
      String from,
      ObjectReader<T> reader,
      RandomGenerator random,
      Consumer<WatchEvent<T>> consumer) {
    this.api = api;
    this.limits = limits;
    this.list = list;
    this.revision = from;
    this.reader = reader;
    this.random = random;
    this.consumer = consumer;
    this.thread = Thread.ofVirtual().name("watch-" + list.path()).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** The server's history is not ours any more. */
  private static final class ExpiredException extends Exception {
    private static final long serialVersionUID = 1L;

    ExpiredException(String message) {
      super(message);
    }
  }

  private void run() {
    try {
      while (open) {
        long begun = System.nanoTime();
        count = 0;
        try {
          once();
          pauseIfSooner(begun);
        } catch (UnavailableException e) {
          broken(e, begun);
        } catch (RuntimeException e) {
          LOG.error("a watch of {} met an error of Denim's", list.path(), e);
          broken(
              new UnavailableException("an error of Denim's, which the log has: " + e, e), begun);
        }
      }
    } catch (ExpiredException e) {
      deliver(new WatchEvent.Expired<>(String.valueOf(e.getMessage())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void broken(UnavailableException e, long begun) throws InterruptedException {
    if (!open) {
      return;
    }
    busy = false;
    String reason = String.valueOf(e.getMessage());
    LOG.debug("watch interrupted path={} reason=\"{}\"", list.path(), reason);
    boolean silent = e.getCause() instanceof java.net.SocketTimeoutException;
    if (!silent && !reason.equals(told)) {
      told = reason;
      deliver(new WatchEvent.Interrupted<>(reason));
    }
    if (hasLived(begun)) {
      // One that somebody on the way cuts off now and then is no server that cannot be reached.
      pause.reset();
    }
    if (!silent) {
      Thread.sleep(pause.next(random));
    }
  }

  private boolean hasLived(long begun) {
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    return took.compareTo(limits.quiet().dividedBy(2)) > 0;
  }

  /** A server that ends every watch at once must not be asked without pause. */
  private void pauseIfSooner(long begun) throws InterruptedException {
    if (hasLived(begun)) {
      busy = count > 1;
      pause.reset();
    } else if (open) {
      Thread.sleep(pause.next(random));
    }
  }

  /** One connection, to its end. */
  private void once() throws ExpiredException {
    if (fresh) {
      fresh = false;
    } else {
      compareHistories();
    }
    Duration length =
        busy
            ? limits.busy().plusMillis(random.nextLong(limits.busy().toMillis() + 1))
            : limits.quiet();
    String attempted = "watch " + list.path();
    try (KubernetesApi.Answer opened = api.openWatch(list, revision, length)) {
      if (!opened.ok()) {
        Refusal refusal = api.refusal(attempted, opened);
        if (refusal.code() == Refusal.GONE) {
          throw new ExpiredException(refusal.message());
        }
        throw api.refused(attempted, refusal, opened);
      }
      synchronized (this) {
        answer = opened;
      }
      if (!open) {
        return;
      }
      told = "";
      deliver(new WatchEvent.Heard<>());
      try (JsonParser parser = Json.mapper().createParser(opened.body())) {
        while (open && parser.nextToken() != null) {
          event(parser, attempted, opened);
        }
      } catch (JacksonException e) {
        throw api.unreadable(attempted, opened, e);
      }
    }
  }

  /**
   * A server whose numbers are smaller than ours has lost its data or has older ones, and would
   * hold back all that happens until it has counted so far again.
   */
  private void compareHistories() throws ExpiredException {
    String now = api.revision(list);
    if (Revisions.isOlder(now, revision)) {
      throw new ExpiredException(
          "the API server is at resourceVersion "
              + now
              + ", older than "
              + revision
              + ": it has lost data");
    }
  }

  private void event(JsonParser parser, String attempted, KubernetesApi.Answer opened)
      throws ExpiredException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new UnavailableException(
          attempted + ": the API server sends something else than events");
    }
    String type = "";
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      if (name.equals("type")) {
        type = JsonFields.text(parser);
      } else if (name.equals("object")) {
        object(type, parser, attempted, opened);
      } else {
        parser.skipChildren();
      }
    }
  }

  private void object(String type, JsonParser parser, String attempted, KubernetesApi.Answer opened)
      throws ExpiredException {
    switch (type) {
      case "ADDED", "MODIFIED" -> {
        T object = seen(reader.read(parser));
        deliver(new WatchEvent.Put<>(object));
      }
      case "DELETED" -> {
        T object = seen(reader.read(parser));
        deliver(new WatchEvent.Deleted<>(object));
      }
      case "BOOKMARK" -> seen(reader.read(parser));
      case "ERROR" -> error(parser, attempted, opened);
      default -> parser.skipChildren();
    }
  }

  private T seen(T object) {
    count++;
    if (!object.resourceVersion().isEmpty()) {
      revision = object.resourceVersion();
    }
    return object;
  }

  private void error(JsonParser parser, String attempted, KubernetesApi.Answer opened)
      throws ExpiredException {
    int[] code = {0};
    String[] message = {""};
    JsonFields.each(
        parser,
        (name, value) -> {
          switch (name) {
            case "code" -> code[0] = value.getValueAsInt(0);
            case "message" -> message[0] = JsonFields.text(value);
            default -> {
              return false;
            }
          }
          return true;
        });
    if (code[0] == Refusal.GONE) {
      throw new ExpiredException(message[0]);
    }
    throw api.refused(attempted, new Refusal(code[0], message[0]), opened);
  }

  private void deliver(WatchEvent<T> event) {
    if (!open) {
      return;
    }
    try {
      consumer.accept(event);
    } catch (RuntimeException e) {
      LOG.error("a watch of {} could not take {}", list.path(), event, e);
    }
  }

  /** Ends it; an event that is being delivered is not waited for. */
  @Override
  public void close() {
    open = false;
    KubernetesApi.Answer running;
    synchronized (this) {
      running = answer;
    }
    if (running != null) {
      running.close();
    }
    thread.interrupt();
  }
}
