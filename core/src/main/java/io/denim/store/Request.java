package io.denim.store;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** What the store's own thread is asked to do. */
sealed interface Request {
  /** Look whether the journal has grown or something has expired. */
  record Wake() implements Request {}

  /** End. */
  record Stop() implements Request {}

  /** Be as new as the journal is. */
  record Sync(Answer<Boolean> answer) implements Request {}

  /** Commit one change. */
  record Write(Function<Draft, Change> decision, Answer<Change> answer) implements Request {}

  /**
   * An answer that a caller waits for.
   *
   * @param <T> what is answered
   */
  final class Answer<T> {
    private static final long PATIENCE_SECONDS = 20;
    private final CompletableFuture<T> future = new CompletableFuture<>();

    void give(T value) {
      future.complete(value);
    }

    void refuse(StoreException reason) {
      future.completeExceptionally(reason);
    }

    T await(String attempted) {
      try {
        return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        throw retold(attempted, e);
      } catch (TimeoutException e) {
        throw new UnavailableException(
            attempted + ": no answer after " + PATIENCE_SECONDS + " s; it may still happen", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new UnavailableException(attempted + ": interrupted; it may still happen", e);
      }
    }

    /** Two callers may wait for one failure, and the stack of interest is the caller's. */
    private static StoreException retold(String attempted, ExecutionException answer) {
      return switch (answer.getCause()) {
        case ConflictException conflict -> new ConflictException(attempted, conflict.present());
        case NotFoundException missing -> new NotFoundException(attempted, missing.key());
        case CorruptException corrupt -> new CorruptException(attempted, corrupt);
        case UnavailableException away ->
            new UnavailableException(attempted + ": " + away.getMessage(), away);
        case null, default -> new UnavailableException(attempted + " failed: " + answer, answer);
      };
    }
  }
}
