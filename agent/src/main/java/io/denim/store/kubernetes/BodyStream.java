package io.denim.store.kubernetes;

import io.fabric8.kubernetes.client.http.AsyncBody;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer, read by one thread as it comes and no faster than it is read. A body that
 * is silent for too long, or not over in time, is an error: a connection whose other end is gone
 * says nothing by itself. Closing it, by any thread, ends the connection if the body is not over.
 */
final class BodyStream extends InputStream implements AsyncBody.Consumer<List<ByteBuffer>> {
  /** Something that came. */
  private sealed interface Part {
    record Bytes(List<ByteBuffer> buffers) implements Part {}

    record End(@Nullable Throwable failure) implements Part {}
  }

  private final BlockingQueue<Part> parts = new LinkedBlockingQueue<>();
  private final Deque<ByteBuffer> buffers = new ArrayDeque<>();
  private final Duration silence;
  private final long deadline;
  private @Nullable AsyncBody body;
  private boolean ended;
  private boolean closed;

  /**
   * A body that has not begun.
   *
   * @param silence how long nothing may come
   * @param whole how long all of it may take; zero for any time
   */
  BodyStream(Duration silence, Duration whole) {
    this.silence = silence;
    this.deadline = whole.isZero() ? Long.MAX_VALUE : System.nanoTime() + whole.toNanos();
  }

  /** Takes the body that an answer has. */
  void begin(AsyncBody begun) {
    synchronized (this) {
      if (closed) {
        begun.cancel();
        return;
      }
      body = begun;
    }
    var _ = begun.done().whenComplete((_, failure) -> parts.add(new Part.End(failure)));
    begun.consume();
  }

  @Override
  public void consume(List<ByteBuffer> value, AsyncBody from) {
    parts.add(new Part.Bytes(value));
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (buffers.isEmpty() || !buffers.getFirst().hasRemaining()) {
      buffers.pollFirst();
      if (buffers.isEmpty() && !await()) {
        return -1;
      }
    }
    ByteBuffer first = buffers.getFirst();
    int count = Math.min(length, first.remaining());
    first.get(into, offset, count);
    return count;
  }

  /** Waits for more; false at the end. */
  private boolean await() throws IOException {
    if (ended) {
      return false;
    }
    return switch (poll()) {
      case Part.Bytes(List<ByteBuffer> more) -> {
        buffers.addAll(more);
        request();
        yield true;
      }
      case Part.End(Throwable failure) when failure instanceof CancellationException ->
          throw new IOException("the answer is not wanted any more", failure);
      case Part.End(Throwable failure) when failure != null ->
          throw new IOException("the connection broke: " + failure, failure);
      case Part.End _ -> {
        ended = true;
        yield false;
      }
    };
  }

  private Part poll() throws IOException {
    long left =
        deadline == Long.MAX_VALUE
            ? silence.toNanos()
            : Math.min(silence.toNanos(), deadline - System.nanoTime());
    try {
      Part part = parts.poll(Math.max(0, left), TimeUnit.NANOSECONDS);
      if (part != null) {
        return part;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
      throw new IOException("interrupted", e);
    }
    close();
    throw new SocketTimeoutException(
        left < silence.toNanos()
            ? "the answer was not over in time"
            : "nothing came for " + silence.toSeconds() + " s");
  }

  private synchronized void request() {
    if (body != null && !closed) {
      body.consume();
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      if (body != null && !body.done().isDone()) {
        body.cancel();
      }
    }
  }
}
