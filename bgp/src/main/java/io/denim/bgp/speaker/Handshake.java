package io.denim.bgp.speaker;

import io.denim.bgp.config.FamilyConfig;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.wire.AddPath;
import io.denim.bgp.wire.Capabilities;
import io.denim.bgp.wire.CapabilitiesBuilder;
import io.denim.bgp.wire.GracefulRestart;
import io.denim.bgp.wire.LongLived;
import io.denim.bgp.wire.Negotiated;
import io.denim.bgp.wire.Notification;
import io.denim.bgp.wire.Open;
import io.denim.net.Family;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** What this side offers in its OPEN, what it says to the peer's, and what both come to. Pure. */
final class Handshake {
  private static final int BAD_PEER_AS = 2;
  private static final int BAD_IDENTIFIER = 3;
  private static final int UNSUPPORTED_CAPABILITY = 7;
  private static final int ROLE_MISMATCH = 11;

  private Handshake() {}

  /**
   * The OPEN that this side sends.
   *
   * @param restarting whether routes of an earlier run are still in force (RFC 4724 3)
   */
  static Open ours(SpeakerConfig speaker, PeerConfig peer, boolean restarting) {
    CapabilitiesBuilder can = Capabilities.builder().routeRefresh().fourOctetAs().enhancedRefresh();
    Map<Family, Boolean> forwarding = new EnumMap<>(Family.class);
    Map<Family, LongLived> longLived = new EnumMap<>(Family.class);
    peer.families()
        .forEach((family, options) -> {
          can.family(family);
          addPath(options).ifPresent(value -> can.addPath(family, value));
          if (options.extendedNextHop()) {
            can.ipv4OverIpv6NextHop();
          }
          forwarding.put(family, restarting);
          longLived.put(
              family, new LongLived(restarting, peer.gracefulRestart().longLivedSeconds()));
        });
    if (peer.gracefulRestart().enabled()) {
      can.gracefulRestart(
          new GracefulRestart(
              restarting, true, peer.gracefulRestart().restartSeconds(), forwarding));
      if (peer.gracefulRestart().longLived()) {
        can.longLived(longLived);
      }
    }
    if (peer.extendedMessages()) {
      can.extendedMessages();
    }
    peer.role().ifPresent(role -> can.role(role.code()));
    return new Open(
        peer.localAs(speaker),
        peer.timers().holdSeconds(),
        speaker.routerId().low32(),
        can.build());
  }

  private static Optional<AddPath> addPath(FamilyConfig options) {
    if (options.addPathReceive() && options.addPathSend()) {
      return Optional.of(AddPath.BOTH);
    }
    if (options.addPathReceive()) {
      return Optional.of(AddPath.RECEIVE);
    }
    return options.addPathSend() ? Optional.of(AddPath.SEND) : Optional.empty();
  }

  /** What is wrong with the peer's OPEN; empty when nothing is. */
  static Optional<Refusal> refuse(SpeakerConfig speaker, PeerConfig peer, Open theirs) {
    long localAs = peer.localAs(speaker);
    if (!peer.as().accepts(theirs.as(), localAs)) {
      return Optional.of(
          new Refusal(
              Notification.of(2, BAD_PEER_AS, octets((int) theirs.as(), 2)),
              "it says it is of AS " + theirs.as() + ", expected is " + peer.as()));
    }
    int own = speaker.routerId().low32();
    if (theirs.identifier() == own && theirs.as() == localAs) {
      return Optional.of(
          new Refusal(
              Notification.of(2, BAD_IDENTIFIER, octets(own, 4)),
              "it has this speaker's identifier " + speaker.routerId()));
    }
    if (peer.families().keySet().stream().noneMatch(theirs.capabilities().families()::contains)) {
      return Optional.of(
          new Refusal(
              Notification.of(2, UNSUPPORTED_CAPABILITY),
              "it wants "
                  + theirs.capabilities().families()
                  + ", configured is "
                  + peer.families().keySet()
                  + ": no family in common"));
    }
    OptionalInt role = theirs.capabilities().role();
    if (peer.role().isPresent()
        && role.isPresent()
        && peer.role().get().counterpart().code() != role.getAsInt()) {
      return Optional.of(
          new Refusal(
              Notification.of(2, ROLE_MISMATCH),
              "its role " + role.getAsInt() + " does not match this side's " + peer.role().get()));
    }
    return Optional.empty();
  }

  /** A NOTIFICATION, and why in words. */
  record Refusal(Notification notification, String words) {}

  private static byte[] octets(int value, int count) {
    byte[] octets = new byte[count];
    for (int i = 0; i < count; i++) {
      octets[i] = (byte) (value >>> (8 * (count - 1 - i)));
    }
    return octets;
  }

  /** What the UPDATEs of the peer will be like. */
  static Negotiated negotiated(PeerConfig peer, Open ours, Open theirs) {
    Capabilities can = theirs.capabilities();
    Map<Family, Boolean> agreed =
        peer.families().keySet().stream()
            .collect(Collectors.toMap(family -> family, can.families()::contains));
    FamilyConfig v4 = peer.families().get(Family.IPV4);
    return new Negotiated(
        ours.as() != theirs.as(),
        can.fourOctetAs(),
        receivesPaths(peer, can, Family.IPV4),
        receivesPaths(peer, can, Family.IPV6),
        v4 != null && v4.extendedNextHop() && can.ipv4OverIpv6NextHop(),
        agreed.getOrDefault(Family.IPV4, false),
        agreed.getOrDefault(Family.IPV6, false),
        false);
  }

  private static boolean receivesPaths(PeerConfig peer, Capabilities theirs, Family family) {
    FamilyConfig options = peer.families().get(family);
    AddPath path = theirs.addPath().get(family);
    return options != null && options.addPathReceive() && path != null && path.sends();
  }

  /** Whether the peer is told all paths of a family. */
  static boolean sendsPaths(PeerConfig peer, Capabilities theirs, Family family) {
    FamilyConfig options = peer.families().get(family);
    AddPath path = theirs.addPath().get(family);
    return options != null && options.addPathSend() && path != null && path.receives();
  }
}
