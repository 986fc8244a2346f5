package io.denim.bgp.bfd;

import io.denim.net.IpAddress;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** A wire and a clock without kernel: who waits lets time pass. */
final class FakeNet implements BfdSockets {
  private static final long MILLI = 1_000_000;

  final Set<Endpoint> listening = new HashSet<>();
  final Set<IpAddress> cut = new HashSet<>();
  final List<ControlPacket> sent = new ArrayList<>();
  final Map<Endpoint, String> refusals = new HashMap<>();
  int ttl = TTL;
  long now;
  boolean closed;

  private final Deque<Consumer<Receiver>> onTheWay = new ArrayDeque<>();
  private long pause;

  /** The next wait takes so much longer than it should. */
  void standStill(long millis) {
    pause = millis * MILLI;
  }

  /** Somebody sends this. */
  void inject(Endpoint to, IpAddress from, int ttl, byte[] data) {
    onTheWay.add(receiver -> receiver.packet(to, from, ttl, data, data.length));
  }

  @Override
  public void listen(Endpoint at) throws IOException {
    refuse(at);
    if (!listening.add(at)) {
      throw new IOException("somebody listens already at " + at);
    }
  }

  private void refuse(Endpoint at) throws IOException {
    String why = refusals.get(at);
    if (why != null) {
      throw new IOException(why);
    }
  }

  @Override
  public void unlisten(Endpoint at) {
    listening.remove(at);
  }

  @Override
  public Outlet dial(Endpoint from, IpAddress to) {
    return new Outlet() {
      @Override
      public void send(byte[] packet) throws IOException {
        refuse(from);
        if (ControlPacket.read(packet, packet.length) instanceof ControlPacket read) {
          sent.add(read);
        }
        Endpoint there = new Endpoint(to, from.multihop(), Optional.empty());
        if (!cut.contains(from.address()) && listening.contains(there)) {
          inject(there, from.address(), ttl, packet);
        }
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void await(long nanos, Receiver receiver) {
    if (onTheWay.isEmpty() || pause > 0) {
      now += nanos + pause;
    }
    if (pause > 0) {
      // What came meanwhile is lost: the whole machine stood still.
      onTheWay.clear();
      pause = 0;
    }
    int count = onTheWay.size();
    for (int i = 0; i < count; i++) {
      onTheWay.remove().accept(receiver);
    }
  }

  @Override
  public void wake() {}

  @Override
  public void close() {
    closed = true;
  }
}
