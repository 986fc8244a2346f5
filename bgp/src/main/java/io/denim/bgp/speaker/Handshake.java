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
import java.util.Set;

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
  static Optional<Refusal> refuse(SpeakerConfig speaker, PeerConfig peer, Open ours, Open theirs) {
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
    Set<Family> offered = ours.capabilities().families();
    if (offered.stream().noneMatch(theirs.capabilities().families()::contains)) {
      return Optional.of(
          new Refusal(
              Notification.of(2, UNSUPPORTED_CAPABILITY),
              "it wants "
                  + theirs.capabilities().families()
                  + ", offered is "
                  + offered
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

  /**
   * Whether of two connections that of this side stays: by the higher identifier, or the higher AS
   * (RFC 4271 6.8, RFC 6286 2.3).
   */
  static boolean dominates(SpeakerConfig speaker, PeerConfig peer, Open theirs) {
    int order = Integer.compareUnsigned(speaker.routerId().low32(), theirs.identifier());
    return order > 0 || (order == 0 && peer.localAs(speaker) > theirs.as());
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

  /** What the UPDATEs of one side will be like for the other. */
  static Negotiated negotiated(Open receiver, Open sender) {
    Capabilities receives = receiver.capabilities();
    Capabilities sends = sender.capabilities();
    return new Negotiated(
        sender.as() != receiver.as(),
        receives.fourOctetAs() && sends.fourOctetAs(),
        sendsPaths(sends, receives, Family.IPV4),
        sendsPaths(sends, receives, Family.IPV6),
        receives.ipv4OverIpv6NextHop() && sends.ipv4OverIpv6NextHop(),
        receives.families().contains(Family.IPV4) && sends.families().contains(Family.IPV4),
        receives.families().contains(Family.IPV6) && sends.families().contains(Family.IPV6),
        false);
  }

  /** Whether one side tells the other all paths of a family. */
  static boolean sendsPaths(Capabilities one, Capabilities other, Family family) {
    AddPath sends = one.addPath().get(family);
    AddPath receives = other.addPath().get(family);
    return sends != null && sends.sends() && receives != null && receives.receives();
  }
}
