package io.denim.bgp.speaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.GracefulRestart;
import io.denim.bgp.policy.Policy;
import io.denim.bgp.policy.Source;
import io.denim.bgp.rib.ImportRules;
import io.denim.bgp.rib.NextHops;
import io.denim.bgp.rib.PathView;
import io.denim.bgp.rib.Rib;
import io.denim.bgp.rib.SourceInfo;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.Capabilities;
import io.denim.bgp.wire.Community;
import io.denim.bgp.wire.LongLived;
import io.denim.bgp.wire.Negotiated;
import io.denim.bgp.wire.UpdateEncoder;
import io.denim.bgp.wire.UpdateReader;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** For how long routes are kept, and as what (RFC 4724, RFC 9494). */
class StaleTest {
  private static final Negotiated SESSION =
      new Negotiated(false, true, false, false, false, true, true, false);
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long START = Long.MAX_VALUE - 5 * SECOND;
  private static final Stale.Times BOTH = new Stale.Times(10 * SECOND, 60 * SECOND);
  private static final Cidr X = Cidr.parse("20.0.0.0/24");
  private static final Cidr Y = Cidr.parse("20.0.1.0/24");

  private final Rib rib =
      new Rib(info(0, Source.LOCAL), 1, NextHops.ALL_EQUAL, Rib.Listener.NOBODY);
  private final int peer = rib.newPeer();
  private final Stale stale = new Stale(rib, peer);

  StaleTest() {
    rib.setPeer(info(peer, Source.INTERNAL), rules(Policy.ACCEPT_ALL, false));
  }

  private static SourceInfo info(int peer, Source kind) {
    return new SourceInfo(peer, "p", kind, 1, IpAddress.v4(1), 64512, false);
  }

  private static ImportRules rules(Policy policy, boolean draining) {
    return new ImportRules(policy, 64512, 0, true, 9, Set.of(), Optional.empty(), draining);
  }

  private void announce(Cidr prefix, int... communities) {
    AttributeSet set =
        AttributeSet.builder()
            .nextHop(IpAddress.v4(0x0a000001))
            .localPref(100)
            .communities(communities)
            .build();
    ByteBuffer out = ByteBuffer.allocate(4096);
    UpdateEncoder encoder = new UpdateEncoder();
    encoder.begin(out, 4096, Family.IPV4, set.encode(true, true), new byte[0]);
    assertThat(encoder.add(-1, 0, prefix.address().low(), prefix.length())).isTrue();
    assertThat(encoder.end()).isEqualTo(1);
    byte[] message = Arrays.copyOf(out.array(), out.position());
    UpdateReader reader = new UpdateReader();
    reader.read(message, 0, message.length, SESSION);
    assertThat(rib.update(peer, reader, message, SESSION, 1).withdrawnBecause()).isEmpty();
  }

  /** Prefixes with whether they are the last choice. */
  private List<String> routes() {
    return rib.routes(Family.IPV4, _ -> true, _ -> true, 1).stream()
        .map(route -> route.prefix() + (isLast(route.paths().getFirst()) ? " last" : ""))
        .toList();
  }

  private static boolean isLast(PathView path) {
    return path.attributes().hasCommunity(Community.LLGR_STALE);
  }

  private void tickAt(long seconds) {
    stale.tick(START + seconds * SECOND);
  }

  private void lost(long seconds) {
    stale.keep(Family.IPV4, BOTH, START + seconds * SECOND);
  }

  @Test
  void routesGoAfterTheRestartTimeWhenNothingElseWasAgreed() {
    announce(X);
    stale.keep(Family.IPV4, new Stale.Times(10 * SECOND, 0), START);

    tickAt(9);
    assertThat(routes()).containsExactly("20.0.0.0/24");
    tickAt(10);
    assertThat(routes()).isEmpty();
    assertThat(stale.isEmpty()).isTrue();
  }

  @Test
  void afterTheRestartTimeRoutesAreTheLastChoiceAndGoAtTheEndOfTheLongTime() {
    announce(X);
    announce(Y, Community.NO_LLGR);
    lost(0);

    assertThat(stale.secondsLeft(Family.IPV4, START)).isEqualTo(10);
    assertThat(stale.isLongLived(Family.IPV4)).isFalse();
    assertThat(routes()).containsExactly("20.0.0.0/24", "20.0.1.0/24");
    tickAt(10);
    assertThat(routes()).containsExactly("20.0.0.0/24 last");
    assertThat(stale.isLongLived(Family.IPV4)).isTrue();
    assertThat(stale.secondsLeft(Family.IPV4, START + 11 * SECOND)).isEqualTo(59);
    tickAt(69);
    assertThat(routes()).hasSize(1);
    tickAt(70);
    assertThat(routes()).isEmpty();
    assertThat(stale.isEmpty()).isTrue();
  }

  @Test
  void whatIsSaidAgainLosesTheMarkAndTheRestGoesAtTheEndOfTheTable() {
    announce(X);
    announce(Y);
    lost(0);
    tickAt(10);

    stale.refresh(Family.IPV4, START + 400 * SECOND);
    announce(X);
    assertThat(routes()).containsExactly("20.0.0.0/24", "20.0.1.0/24 last");
    stale.finish(Family.IPV4);

    assertThat(routes()).containsExactly("20.0.0.0/24");
    assertThat(rib.received(peer, Family.IPV4)).isEqualTo(1);
  }

  @Test
  void anotherLossBeforeTheEndOfTheTableDoesNotBeginTheLongTimeAnew() {
    announce(X);
    announce(Y);
    lost(0);
    tickAt(10);
    stale.refresh(Family.IPV4, START + 400 * SECOND);
    announce(Y);

    lost(20);
    assertThat(routes()).containsExactly("20.0.0.0/24 last", "20.0.1.0/24");
    tickAt(30);
    assertThat(routes()).containsExactly("20.0.0.0/24 last", "20.0.1.0/24 last");
    tickAt(70);

    assertThat(routes()).isEmpty();
  }

  @Test
  void aPeerThatIsBackHasNotLongerThanTheLongTime() {
    announce(X);
    lost(0);
    tickAt(10);
    stale.refresh(Family.IPV4, START + 400 * SECOND);

    tickAt(70);

    assertThat(routes()).isEmpty();
  }

  @Test
  void anotherLossWithinTheRestartTimeTakesWhatWasNotSaidAgain() {
    announce(X);
    announce(Y);
    lost(0);
    announce(Y);
    lost(5);

    assertThat(routes()).containsExactly("20.0.1.0/24");
  }

  @Test
  void theMarkStaysWhenTheImportPolicyIsAnother() {
    announce(X);
    lost(0);
    tickAt(10);

    rib.changeImport(info(peer, Source.INTERNAL), rules(Policy.ACCEPT_ALL, true));

    assertThat(routes()).containsExactly("20.0.0.0/24 last");
    rib.changeImport(info(peer, Source.INTERNAL), rules(Policy.REJECT_ALL, false));
    assertThat(rib.accepted(peer, Family.IPV4)).isZero();
  }

  @Test
  void theSmallerTimeCountsAndNoneWithoutTheCapabilities() {
    GracefulRestart ours = new GracefulRestart(true, 120, 30);
    var restart = new io.denim.bgp.wire.GracefulRestart(false, true, 7, Map.of(Family.IPV4, true));
    Map<Family, LongLived> longer = Map.of(Family.IPV4, new LongLived(true, 40));
    Map<Family, LongLived> shorter = Map.of(Family.IPV4, new LongLived(true, 20));

    assertThat(Stale.Times.of(ours, Capabilities.builder().build(), Family.IPV4)).isEmpty();
    Capabilities plain = Capabilities.builder().gracefulRestart(restart).build();
    assertThat(Stale.Times.of(ours, plain, Family.IPV4)).contains(new Stale.Times(7 * SECOND, 0));
    assertThat(Stale.Times.of(ours, plain, Family.IPV6)).isEmpty();
    assertThat(
            Stale.Times.of(
                ours,
                Capabilities.builder().gracefulRestart(restart).longLived(longer).build(),
                Family.IPV4))
        .contains(new Stale.Times(7 * SECOND, 30 * SECOND));
    assertThat(
            Stale.Times.of(
                ours,
                Capabilities.builder().gracefulRestart(restart).longLived(shorter).build(),
                Family.IPV4))
        .contains(new Stale.Times(7 * SECOND, 20 * SECOND));
  }
}
