package io.denim.bgp.speaker;

import io.denim.bgp.config.Listener;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.PeerRange;
import io.denim.bgp.config.RemoteAs;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.loop.SocketAddresses;
import io.denim.bgp.rib.NextHops;
import io.denim.bgp.rib.Rib;
import io.denim.bgp.rib.TableRehearsal;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.Capabilities;
import io.denim.bgp.wire.Framer;
import io.denim.bgp.wire.Open;
import io.denim.bgp.wire.UpdateEncoder;
import io.denim.bgp.wire.UpdateWriter;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * Has routes and sessions with clients of its own, until the JVM has compiled what it would
 * otherwise interpret while the first peers of a process wait: a third of a second. The clients
 * dial a reflector of its own within 127.0.0.0/8, at a port that the kernel chooses, and are gone
 * at its end.
 */
public final class Rehearsal {
  /** With {@code CompileThresholdScaling=0.3} the JVM compiles what has been called 60 times. */
  public static final int SESSIONS = 192;

  /** The AS of all of them. */
  public static final int AS = 64512;

  private static final int PREFIXES = 2;
  private static final int FEW_WORDS = 512;

  /** An UPDATE of so many octets tells nothing: it is IPv4's End-of-RIB (RFC 4724). */
  private static final int EMPTY = 23;

  private static final IpAddress REFLECTOR = IpAddress.parse("127.0.0.1");
  private static final IpAddress NEXT_HOP = IpAddress.parse("10.255.255.1");
  private static final int FIRST_CLIENT = IpAddress.parse("127.64.0.1").low32();
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofNanos(100_000);

  private Rehearsal() {}

  /**
   * Does so, in the caller's thread.
   *
   * @return how many clients were told of others' routes; fewer than all when it took too long
   * @throws IOException when there is no loopback to have sessions at
   */
  public static int run(Sockets sockets) throws IOException {
    var _ = TableRehearsal.run();
    return sessions(sockets, PATIENCE);
  }

  static int sessions(Sockets sockets, Duration patience) throws IOException {
    List<Client> clients = new ArrayList<>();
    var world = new Speaker.World(sockets, NextHops.ALL_EQUAL, Rib.Listener.NOBODY, new Random());
    try (Speaker reflector = Speaker.start(reflector(), world)) {
      InetSocketAddress door = reflector.addresses().getFirst();
      for (int i = 0; i < SESSIONS; i++) {
        Client client = new Client(IpAddress.v4(FIRST_CLIENT + i));
        clients.add(client);
        client.dial(door);
      }
      return awaitTold(clients, patience);
    } finally {
      for (Client each : clients) {
        each.channel.close();
      }
    }
  }

  private static SpeakerConfig reflector() {
    var like = PeerConfig.of("client", REFLECTOR, RemoteAs.internal()).client(true);
    return SpeakerConfig.of(REFLECTOR, AS)
        .withListeners(List.of(new Listener(REFLECTOR, 0)))
        .withRanges(List.of(PeerRange.of("clients", Cidr.parse("127.0.0.0/8"), like)));
  }

  private static int awaitTold(List<Client> clients, Duration patience) throws IOException {
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      int told = 0;
      for (Client each : clients) {
        told += each.isTold() ? 1 : 0;
      }
      if (told == clients.size() || System.nanoTime() - end >= 0) {
        return told;
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  /** Says all that it has to say at once, and then listens. */
  private static final class Client {
    private final IpAddress own;
    private final SocketChannel channel = SocketChannel.open();
    private final ByteBuffer said;
    private final ByteBuffer heard = ByteBuffer.allocate(Framer.MAX_LENGTH);
    private boolean told;

    Client(IpAddress own) throws IOException {
      this.own = own;
      said = words(own);
    }

    void dial(InetSocketAddress reflector) throws IOException {
      channel.configureBlocking(false);
      channel.bind(SocketAddresses.of(own, 0));
      var _ = channel.connect(reflector);
    }

    private static ByteBuffer words(IpAddress own) {
      Capabilities can = Capabilities.builder().family(Family.IPV4).fourOctetAs().build();
      UpdateWriter updates = new UpdateWriter();
      AttributeSet set = AttributeSet.builder().nextHop(NEXT_HOP).localPref(100).build();
      var _ = updates.announce(Family.IPV4, set, true);
      for (int i = 0; i < PREFIXES; i++) {
        updates.add(-1, 0, 10L << 24 | (long) (own.low32() & 0xffff) << 8 | (long) i << 16, 24);
      }
      ByteBuffer words = ByteBuffer.allocate(FEW_WORDS);
      words.put(new Open(AS, 90, own.low32(), can).encode()).put(Framer.keepalive());
      updates.take().forEach(words::put);
      return words.put(UpdateEncoder.endOfRib(Family.IPV4)).flip();
    }

    /** Goes on as far as it can; whether it has heard of a route. */
    boolean isTold() throws IOException {
      if (!channel.finishConnect()) {
        return false;
      }
      var _ = channel.write(said);
      var _ = channel.read(heard);
      heard.flip();
      while (heard.remaining() >= Framer.HEADER_LENGTH) {
        int length =
            Framer.needed(heard.array(), heard.position(), heard.remaining(), Framer.MAX_LENGTH);
        if (length > heard.remaining()) {
          break;
        }
        told |= Framer.type(heard.array(), heard.position()) == Framer.UPDATE && length > EMPTY;
        heard.position(heard.position() + length);
      }
      heard.compact();
      return told;
    }
  }
}
