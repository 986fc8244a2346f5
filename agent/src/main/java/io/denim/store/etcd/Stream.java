package io.denim.store.etcd;

import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One stream of etcd's Watch service, with one watch in it. A few answers are let in before they
 * are taken, and as many again when those were, so a slow reader holds up etcd and not the memory.
 * To be read by one thread.
 */
final class Stream implements AutoCloseable {
  /** Letting one in wakes the thread of the connections. */
  private static final int WINDOW = 8;

  private final BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
  private final ClientCall<WatchRequest, WatchResponse> call;
  private int taken;

  /** What comes out of a stream. */
  sealed interface Arrival {
    /** An answer of etcd's. */
    record Answer(WatchResponse message) implements Arrival {}

    /** The stream is over. */
    record End(Status status) implements Arrival {}
  }

  private Stream(ClientCall<WatchRequest, WatchResponse> call) {
    this.call = call;
  }

  /** Begins a watch behind a revision; how far it has come is to be told now and then. */
  static Stream open(Channel channel, KeySpace.Span span, long revision) {
    Stream stream = new Stream(channel.newCall(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT));
    stream.call.start(stream.new Listener(), new Metadata());
    stream.call.request(WINDOW);
    stream.call.sendMessage(
        WatchRequest.newBuilder()
            .setCreateRequest(
                WatchCreateRequest.newBuilder()
                    .setKey(span.from())
                    .setRangeEnd(span.end())
                    .setStartRevision(revision + 1)
                    .setProgressNotify(true))
            .build());
    return stream;
  }

  /** What comes next; waits for it. */
  Arrival next() throws InterruptedException {
    return passOn(arrivals.take());
  }

  /** What comes next; empty when nothing does in time. */
  Optional<Arrival> next(long millis) throws InterruptedException {
    Arrival next = arrivals.poll(millis, TimeUnit.MILLISECONDS);
    return next == null ? Optional.empty() : Optional.of(passOn(next));
  }

  private Arrival passOn(Arrival arrival) {
    taken++;
    if (taken == WINDOW) {
      taken = 0;
      call.request(WINDOW);
    }
    return arrival;
  }

  /** Ends it; who waits gets the end. */
  @Override
  public void close() {
    call.cancel("nobody watches any more", null);
    // A call that has ended already tells nothing more.
    arrivals.add(new Arrival.End(Status.CANCELLED));
  }

  private final class Listener extends ClientCall.Listener<WatchResponse> {
    @Override
    public void onMessage(WatchResponse message) {
      arrivals.add(new Arrival.Answer(message));
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      arrivals.add(new Arrival.End(status));
    }
  }
}
