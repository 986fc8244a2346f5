package io.denim.bgp.rib;

import io.denim.bgp.config.NextHopMode;
import io.denim.bgp.policy.Policy;
import io.denim.bgp.wire.AttributeParser;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.Negotiated;
import io.denim.bgp.wire.NlriReader;
import io.denim.bgp.wire.ParsedAttributes;
import io.denim.bgp.wire.UpdateEncoder;
import io.denim.bgp.wire.UpdateReader;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A peer of a walk: what it has announced, and what it has been told, octet by octet. */
final class WalkPeer {
  static final long LOCAL_AS = 64512;

  /** Which external peers share: some next hops are in it, and some are not. */
  static final Cidr SUBNET = Cidr.parse("10.0.0.0/30");

  /** A prefix, and the number of one of its paths; -1 without add-path. */
  record Route(Cidr prefix, long pathId) implements Comparable<Route> {
    @Override
    public int compareTo(Route other) {
      int order = prefix.compareTo(other.prefix);
      return order != 0 ? order : Long.compare(pathId, other.pathId);
    }
  }

  /** What it has announced of one. */
  record Announced(AttributeSet set, int age, boolean stale, boolean longLived) {}

  private final boolean sendsPaths;
  private final boolean receivesPaths;
  private final UpdateReader reader = new UpdateReader();
  private final NlriReader nlri = new NlriReader();
  private final UpdateEncoder encoder = new UpdateEncoder();
  private final ByteArrayOutputStream stream = new ByteArrayOutputStream();
  private final Map<Family, Rib.Telling> tellings = new EnumMap<>(Family.class);
  final Map<Route, Announced> announced = new TreeMap<>();
  final Map<Route, AttributeSet> told = new TreeMap<>();
  SourceInfo info;
  ImportRules rules;
  Policy policy = Policy.ACCEPT_ALL;
  boolean up;
  @Nullable Family begun;

  WalkPeer(SourceInfo info, ImportRules rules, boolean sendsPaths, boolean receivesPaths) {
    this.info = info;
    this.rules = rules;
    this.sendsPaths = sendsPaths;
    this.receivesPaths = receivesPaths;
  }

  private static final Map<List<Boolean>, Negotiated> KINDS = new HashMap<>();

  /** The session as one of both sides reads it. */
  private Negotiated session(boolean addPath) {
    return KINDS.computeIfAbsent(
        List.of(info.isExternal(), addPath),
        kind ->
            new Negotiated(kind.get(0), true, kind.get(1), kind.get(1), false, true, true, false));
  }

  boolean sendsPaths() {
    return sendsPaths;
  }

  boolean receivesPaths() {
    return receivesPaths;
  }

  GroupKey key(Family family) {
    return new GroupKey(
        family,
        info.isExternal(),
        LOCAL_AS,
        info.client(),
        rules.identifier(),
        NextHopMode.AUTOMATIC,
        IpAddress.parse(family == Family.IPV4 ? "10.9.9.9" : "fd00::9"),
        Optional.empty(),
        info.isExternal() ? Optional.of(SUBNET) : Optional.empty(),
        policy,
        receivesPaths,
        true,
        4096,
        info.isExternal(),
        rules.role(),
        true,
        rules.draining());
  }

  /** The session comes up. */
  void begin(Rib rib) {
    up = true;
    rib.setPeer(info, rules);
    for (Family family : Family.values()) {
      tellings.put(family, rib.tell(info.peer(), key(family)));
    }
  }

  /** The session is over; what it was told is forgotten with it. */
  void end() {
    up = false;
    tellings.values().forEach(Rib.Telling::end);
    tellings.clear();
    told.clear();
    stream.reset();
    begun = null;
  }

  /** Sends an UPDATE: an announcement, or a withdrawal without a set. */
  void send(Rib rib, List<Route> routes, @Nullable AttributeSet set, int now) {
    Family family = routes.getFirst().prefix().family();
    ByteBuffer out = ByteBuffer.allocate(4096);
    if (set == null) {
      encoder.beginWithdraw(out, 4096, family);
    } else {
      boolean classic = set.nextHop().isV4();
      encoder.begin(
          out, 4096, family, set.encode(true, classic), classic ? new byte[0] : nextHop(set));
    }
    for (Route route : routes) {
      IpAddress address = route.prefix().address();
      if (!encoder.add(route.pathId(), address.high(), address.low(), route.prefix().length())) {
        throw new AssertionError("the message is full");
      }
      if (set == null) {
        announced.remove(route);
      } else {
        Announced before = announced.get(route);
        int age = before != null && before.set().equals(set) ? before.age() : now;
        announced.put(route, new Announced(set, age, false, false));
      }
    }
    int count = encoder.end();
    byte[] message = Arrays.copyOf(out.array(), out.position());
    Negotiated session = session(sendsPaths);
    reader.read(message, 0, message.length, session);
    Rib.Taken taken = rib.update(info.peer(), reader, message, session, now);
    if (taken.withdrawnBecause().isPresent() || count == 0) {
      throw new AssertionError("refused: " + taken);
    }
  }

  private static byte[] nextHop(AttributeSet set) {
    byte[] global = set.nextHop().bytes();
    Optional<IpAddress> linkLocal = set.linkLocalNextHop();
    if (linkLocal.isEmpty()) {
      return global;
    }
    byte[] both = Arrays.copyOf(global, 32);
    System.arraycopy(linkLocal.get().bytes(), 0, both, 16, 16);
    return both;
  }

  /** Reads so many octets at most, in a slice of so many at most; how many there were. */
  int read(Family family, int most, int slice) {
    Rib.Telling telling = telling(family);
    if (begun != null && begun != family) {
      return 0;
    }
    if (telling.cursor().isEmpty()) {
      telling.resume();
    }
    Cursor cursor = telling.cursor().orElseThrow();
    ByteBuffer octets = cursor.take(slice);
    if (octets == null) {
      return 0;
    }
    int count = Math.min(most, octets.remaining());
    byte[] some = new byte[count];
    octets.get(some);
    cursor.sent(count);
    stream.writeBytes(some);
    begun = cursor.atBoundary() ? null : family;
    decode();
    return count;
  }

  private void takeRest(Family family) {
    telling(family)
        .cursor()
        .ifPresent(cursor -> {
          ByteBuffer rest = cursor.rest();
          byte[] octets = new byte[rest.remaining()];
          rest.get(octets);
          stream.writeBytes(octets);
        });
    if (begun == family) {
      begun = null;
    }
    decode();
  }

  Rib.Telling telling(Family family) {
    return Objects.requireNonNull(tellings.get(family));
  }

  boolean isDetached() {
    return tellings.values().stream().anyMatch(telling -> telling.cursor().isEmpty());
  }

  void detach(Family family) {
    takeRest(family);
    telling(family).detach();
  }

  void change(Family family) {
    takeRest(family);
    telling(family).change(key(family));
  }

  void again(Family family) {
    if (begun == null) {
      telling(family).again();
    }
  }

  /** Reads all there is. */
  void drain() {
    if (begun != null) {
      var _ = read(begun, Integer.MAX_VALUE, 1);
    }
    for (Family family : Family.values()) {
      boolean done = false;
      while (!done) {
        var _ = read(family, Integer.MAX_VALUE, 1 << 20);
        done = telling(family).cursor().orElseThrow().isDrained();
      }
    }
    if (stream.size() > 0) {
      throw new AssertionError(stream.size() + " octets of a message without its end");
    }
  }

  private void decode() {
    byte[] octets = stream.toByteArray();
    int at = 0;
    while (octets.length - at >= 19) {
      int length = ((octets[at + 16] & 0xff) << 8) | (octets[at + 17] & 0xff);
      if (octets.length - at < length) {
        break;
      }
      message(octets, at, length);
      at += length;
    }
    stream.reset();
    stream.write(octets, at, octets.length - at);
  }

  private void message(byte[] octets, int at, int length) {
    Negotiated session = session(receivesPaths);
    reader.read(octets, at, length, session);
    drop(octets, reader.withdrawn(), Family.IPV4);
    drop(octets, reader.unreach(), reader.unreachFamily());
    boolean classic = !reader.nlri().isEmpty();
    if (!classic && reader.reach().isEmpty()) {
      return;
    }
    ParsedAttributes parsed =
        AttributeParser.parse(
            reader.key(),
            reader.keyOffset(),
            reader.keyLength(),
            session,
            reader.reachNextHop(),
            reader.reachLinkLocal(),
            classic);
    if (!(parsed instanceof ParsedAttributes.Good good) || !good.remarks().isEmpty()) {
      throw new AssertionError("told something damaged: " + parsed);
    }
    take(octets, reader.nlri(), Family.IPV4, good.attributes());
    take(octets, reader.reach(), reader.reachFamily(), good.attributes());
  }

  private void drop(byte[] octets, UpdateReader.Range range, Family family) {
    nlri.reset(octets, range.offset(), range.length(), family, receivesPaths);
    while (nlri.next()) {
      told.remove(new Route(nlri.prefix(), nlri.pathId()));
    }
  }

  private void take(byte[] octets, UpdateReader.Range range, Family family, AttributeSet set) {
    nlri.reset(octets, range.offset(), range.length(), family, receivesPaths);
    while (nlri.next()) {
      if (set.hasLargeCommunity(Walk.mark(info))) {
        throw new AssertionError(info.name() + " is told its own route " + nlri.prefix());
      }
      told.put(new Route(nlri.prefix(), nlri.pathId()), set);
    }
  }
}
