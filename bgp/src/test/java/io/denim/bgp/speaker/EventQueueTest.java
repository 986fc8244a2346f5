package io.denim.bgp.speaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.PeerAddress;
import io.denim.bgp.wire.Framer;
import io.denim.net.IpAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Copies of UPDATEs are made for who wants them, and only so many wait for him. */
class EventQueueTest {
  private static final Monitor.Link ONE = link("one");
  private static final Monitor.Link OTHER = link("other");

  private final Monitors monitors = new Monitors();
  private final AtomicInteger overflows = new AtomicInteger();

  private static Monitor.Link link(String peer) {
    IpAddress address = IpAddress.parse("10.88.0.1");
    return new Monitor.Link(
        peer,
        PeerAddress.of(address),
        179,
        64512,
        1,
        IpAddress.parse("10.88.0.2"),
        179,
        64512,
        Optional.empty(),
        Optional.empty());
  }

  private EventQueue queue(long mostOctets, boolean alsoTold) {
    return new EventQueue(
        mostOctets, link -> link.peer().equals("one"), alsoTold, () -> overflows.incrementAndGet());
  }

  @Test
  void onlyWhatIsWantedIsCopied() {
    EventQueue all = queue(1000, true);
    EventQueue received = queue(1000, false);

    assertThat(monitors.wantsTold(ONE)).as("nobody is there").isFalse();
    monitors.add(received);
    received.open();
    assertThat(monitors.wantsTold(ONE)).as("a station").isFalse();
    monitors.add(all);
    assertThat(monitors.wantsTold(ONE)).as("not open yet").isFalse();
    all.open();
    assertThat(monitors.wantsTold(ONE)).isTrue();
    assertThat(monitors.wantsTold(OTHER)).isFalse();
    all.shut();
    assertThat(monitors.wantsTold(ONE)).as("over").isFalse();
  }

  @Test
  void whoDoesNotWantThemGetsNone() throws InterruptedException {
    EventQueue all = queue(1000, true);
    EventQueue received = queue(1000, false);
    all.open();
    received.open();
    monitors.add(all);
    monitors.add(received);
    byte[] update = Framer.keepalive();

    monitors.told(ONE, update);
    monitors.told(OTHER, update);

    assertThat(all.poll(Duration.ZERO))
        .get()
        .isInstanceOfSatisfying(
            EventQueue.Message.class,
            message -> {
              assertThat(message.sent()).isTrue();
              assertThat(message.link()).isEqualTo(ONE);
              assertThat(message.bytes()).isEqualTo(update);
            });
    assertThat(all.poll(Duration.ZERO)).isEmpty();
    assertThat(received.poll(Duration.ZERO)).isEmpty();
  }

  @Test
  void noMoreWaitThanMay() throws InterruptedException {
    EventQueue queue = queue(1000, true);
    queue.open();
    monitors.add(queue);

    monitors.told(ONE, new byte[800]);
    monitors.told(ONE, new byte[800]);

    assertThat(overflows).hasValue(1);
    assertThat(monitors.wantsTold(ONE)).isFalse();
    assertThat(queue.poll(Duration.ZERO)).isEmpty();
  }
}
