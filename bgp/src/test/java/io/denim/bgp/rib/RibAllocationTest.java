package io.denim.bgp.rib;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.denim.bgp.policy.Policy;
import io.denim.bgp.policy.Source;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.Negotiated;
import io.denim.bgp.wire.UpdateEncoder;
import io.denim.bgp.wire.UpdateReader;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the tables cost, by the JVM's own count. */
class RibAllocationTest {
  private static final int PREFIXES = 100_000;
  private static final Negotiated SESSION =
      new Negotiated(false, true, false, false, false, true, true, false);

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final Rib rib =
      new Rib(info(0, Source.LOCAL), 1, NextHops.ALL_EQUAL, Rib.Listener.NOBODY);
  private final UpdateReader reader = new UpdateReader();
  private final int one = join();
  private final int other = join();

  private static SourceInfo info(int peer, Source kind) {
    return new SourceInfo(peer, "p" + peer, kind, peer, IpAddress.v4(peer), 64512, true);
  }

  private int join() {
    int peer = rib.newPeer();
    rib.setPeer(info(peer, Source.INTERNAL), rules());
    return peer;
  }

  private static byte[] message(int med, int first, int count) {
    ByteBuffer out = ByteBuffer.allocate(4096);
    UpdateEncoder encoder = new UpdateEncoder();
    AttributeSet set =
        AttributeSet.builder().nextHop(IpAddress.v4(0x0a000001)).localPref(100).med(med).build();
    encoder.begin(out, 4096, Family.IPV4, set.encode(true, true), new byte[0]);
    for (int i = first; i < first + count; i++) {
      assertThat(encoder.add(-1, 0, (long) i << 8, 24)).isTrue();
    }
    assertThat(encoder.end()).isEqualTo(count);
    return ByteBuffer.allocate(out.position()).put(out.flip()).array();
  }

  private void take(int peer, byte[] message) {
    reader.read(message, 0, message.length, SESSION);
    if (rib.update(peer, reader, message, SESSION, 1).withdrawnBecause().isPresent()) {
      throw new AssertionError("a good message was refused");
    }
  }

  private long allocatedBy(Runnable work) {
    long before = threads.getCurrentThreadAllocatedBytes();
    work.run();
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  @Test
  void anAnnouncementAndAFlushAllocateAFewObjectsAMessageAndNoneAPrefix() {
    var _ =
        rib.tell(
            one, new WalkPeer(info(one, Source.INTERNAL), rules(), false, false).key(Family.IPV4));
    byte[][] messages = {message(1, 0, 900), message(2, 0, 900)};
    for (int i = 0; i < 200; i++) {
      take(other, messages[i % 2]);
      rib.flush();
    }

    long allocated =
        allocatedBy(() -> {
          for (int i = 0; i < 200; i++) {
            take(other, messages[i % 2]);
            rib.flush();
          }
        });

    assertThat(allocated / 200).isLessThan(300);
  }

  @Test
  void whoFollowsTheBestRoutesAndDoesNotAskCostsNothingMore() {
    MirroredLocRib follower = new MirroredLocRib(rib, Family.IPV4);
    byte[][] messages = {message(1, 0, 900), message(2, 0, 900)};
    for (int i = 0; i < 200; i++) {
      take(other, messages[i % 2]);
      rib.flush();
    }

    long allocated =
        allocatedBy(() -> {
          for (int i = 0; i < 200; i++) {
            take(other, messages[i % 2]);
            rib.flush();
          }
        });

    assertThat(follower.parts).isZero();
    assertThat(allocated / 200).isLessThan(300);
  }

  private static ImportRules rules() {
    return new ImportRules(
        Policy.ACCEPT_ALL, 64512, 0, true, 9, Set.of(9), Optional.empty(), false);
  }

  @Test
  void aPrefixAndItsPathTakeEightyEightOctetsAtMostWhateverGrowthHasCost() {
    long before = used();
    fill(one);
    long first = used();
    fill(other);
    long second = used();

    assertThat((first - before) / PREFIXES).as("a prefix with a path").isLessThan(64 + 24);
    assertThat((second - first) / PREFIXES).as("another path").isLessThan(24 + 12);
    assertThat(rib.received(other, Family.IPV4)).isEqualTo(PREFIXES);
  }

  private void fill(int peer) {
    for (int i = 0; i < PREFIXES; i += 500) {
      take(peer, message(1, i, 500));
    }
    rib.flush();
  }

  private static long used() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
