package io.denim.store.etcd;

import io.denim.store.UnavailableException;
import io.grpc.ManagedChannel;
import org.jspecify.annotations.Nullable;

/**
 * One member of a cluster and the connection to it. A connection that could not be made is thrown
 * away rather than left to gRPC, which would refuse calls until a pause of its own, up to two
 * minutes, is over. One that was secured by files that have changed is left to those who use it.
 */
final class Member implements AutoCloseable {
  private final Endpoint endpoint;
  private final Wires wires;
  private Wires.@Nullable Wire wire;
  private boolean closed;

  Member(Endpoint endpoint, Wires wires) {
    this.endpoint = endpoint;
    this.wires = wires;
  }

  Endpoint endpoint() {
    return endpoint;
  }

  /** The connection for a new call. */
  synchronized ManagedChannel channel() {
    if (closed) {
      throw new UnavailableException("the store in etcd is closed");
    }
    if (wire != null && !wires.isCurrent(wire)) {
      wire.channel().shutdown();
      wire = null;
    }
    if (wire == null) {
      wire = wires.connect(endpoint);
    }
    return wire.channel();
  }

  /** Lets the next call connect anew. Calls that run on the connection are left alone. */
  synchronized void forget(ManagedChannel channel) {
    channel.shutdown();
    if (wire != null && wire.channel().equals(channel)) {
      wire = null;
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (wire != null) {
      wire.channel().shutdownNow();
    }
  }
}
