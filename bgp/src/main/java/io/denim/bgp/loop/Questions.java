package io.denim.bgp.loop;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** What other threads ask of a thread that goes round in a loop and answers once a turn. */
public final class Questions {
  private final Queue<Runnable> asked = new ConcurrentLinkedQueue<>();
  private final Runnable wake;
  private final String whose;

  /**
   * None yet.
   *
   * @param wake ends the wait of the thread that answers
   * @param whose loop it is, for errors: "the speaker"
   */
  public Questions(Runnable wake, String whose) {
    this.wake = wake;
    this.whose = whose;
  }

  /** Has something done in the next turn, and does not wait for it. */
  public void later(Runnable task) {
    asked.add(task);
    wake.run();
  }

  /** Whether nothing waits for an answer. */
  public boolean isEmpty() {
    return asked.isEmpty();
  }

  /** Answers all; for the thread of the loop. */
  public void answer() {
    for (Runnable each = asked.poll(); each != null; each = asked.poll()) {
      each.run();
    }
  }

  /**
   * Asks, and waits for the answer. Who is the thread itself, or asks before it was started, has it
   * at once.
   *
   * @param answering the thread of the loop
   * @throws IllegalStateException when the thread has ended, or the caller is interrupted
   */
  public <T> T ask(Thread answering, Supplier<T> question) {
    if (Thread.currentThread() == answering || answering.getState() == Thread.State.NEW) {
      return question.get();
    }
    FutureTask<T> task = new FutureTask<>(question::get);
    later(task);
    try {
      while (true) {
        boolean alive = answering.isAlive();
        try {
          return task.get(alive ? 1000 : 0, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          if (!alive) {
            throw new IllegalStateException(whose + " is closed", e);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + whose, e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
