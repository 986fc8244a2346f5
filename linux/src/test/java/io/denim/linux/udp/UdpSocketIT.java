package io.denim.linux.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.denim.linux.Errno;
import io.denim.linux.LinuxException;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.net.IpAddress;
import java.time.Duration;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real datagrams over loopback. */
class UdpSocketIT {
  private static final IpAddress LOOPBACK = IpAddress.parse("127.0.0.1");
  private static final int LONGEST = 64;
  private static final int SOON = 5_000;

  private final Namespace here = Namespace.create();
  private final UdpWait wait = new UdpWait();

  /** Its ports are nobody else's. */
  @BeforeEach
  void raiseLoopback() {
    try (Rtnetlink kernel = Rtnetlink.open(here)) {
      kernel.execute(Links.up(kernel.link("lo").orElseThrow().index()));
    }
  }

  @AfterEach
  void close() {
    wait.close();
    here.close();
  }

  private UdpSocket open(IpAddress address, int port, Optional<String> device) {
    return UdpSocket.open(here, address, port, device, LONGEST);
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1, 255", "127.0.0.1, 7", "::1, 255", "::1, 7"})
  void aDatagramTellsItsTtlAndSender(String text, int ttl) {
    IpAddress address = IpAddress.parse(text);
    byte[] read = new byte[LONGEST];
    try (UdpSocket to = open(address, 20_784, Optional.empty());
        UdpSocket from = open(address, 0, Optional.empty())) {
      wait.add(to);
      from.ttl(ttl);
      from.typeOfService(0xc0);
      from.connect(address, 20_784);
      from.send(new byte[] {1, 2, 3});

      assertThat(wait.await(SOON)).containsExactly(to);
      assertThat(to.receive(read)).isEqualTo(3);
      assertThat(to.ttl()).isEqualTo(ttl);
      assertThat(to.sender()).isEqualTo(address);
      assertThat(read).startsWith(1, 2, 3);
      assertThat(to.receive(read)).isEqualTo(-1);
    }
  }

  @Test
  void whatIsTooLongIsCutOff() {
    byte[] read = new byte[16];
    try (UdpSocket to = open(LOOPBACK, 20_785, Optional.of("lo"));
        UdpSocket from = open(LOOPBACK, 0, Optional.empty())) {
      wait.add(to);
      to.receiveBuffer(1 << 20);
      from.connect(LOOPBACK, 20_785);
      from.send(new byte[40]);

      assertThat(wait.await(SOON)).containsExactly(to);
      assertThat(to.receive(read)).isEqualTo(16);
    }
  }

  @Test
  void thePortOfAnotherIsTaken() {
    try (UdpSocket first = open(LOOPBACK, 20_786, Optional.empty())) {
      wait.add(first);
      LinuxException refused =
          catchThrowableOfType(
              LinuxException.class, () -> open(LOOPBACK, 20_786, Optional.empty()).close());

      assertThat(refused.errno()).isEqualTo(Errno.EADDRINUSE);
      assertThat(refused).hasMessageContaining("127.0.0.1 port 20786");
    }
  }

  @Test
  void aDeviceThatIsNotThereIsNamed() {
    LinuxException refused =
        catchThrowableOfType(
            LinuxException.class, () -> open(LOOPBACK, 0, Optional.of("nothing0")).close());

    assertThat(refused.errno()).isEqualTo(Errno.ENODEV);
    assertThat(refused).hasMessageContaining("at nothing0");
  }

  @Test
  void whoSendsToAPortThatNobodyHasLearnsIt() {
    try (UdpSocket from = open(LOOPBACK, 0, Optional.empty())) {
      from.connect(LOOPBACK, 9);

      // What is sent is taken; it is a later one that learns of the answer.
      Awaitility.await()
          .pollInterval(Duration.ofMillis(1))
          .untilAsserted(() ->
              assertThatThrownBy(() -> from.send(new byte[1]))
                  .isInstanceOfSatisfying(
                      LinuxException.class,
                      refused -> assertThat(refused.errno()).isEqualTo(Errno.ECONNREFUSED)));
    }
  }

  @Test
  void whoWaitsIsWoken() {
    wait.wake();
    assertThat(wait.await(SOON)).isEmpty();
    Thread.ofPlatform().start(wait::wake);

    assertThat(wait.await(60_000)).isEmpty();
  }

  @Test
  void wakingWhoIsClosedDoesNothing() {
    wait.close();

    wait.wake();
  }

  @Test
  void manySocketsAreWatched() {
    byte[] read = new byte[LONGEST];
    try (UdpSocket a = open(LOOPBACK, 20_787, Optional.empty());
        UdpSocket b = open(LOOPBACK, 20_788, Optional.empty());
        UdpSocket c = open(LOOPBACK, 20_789, Optional.empty());
        UdpSocket d = open(LOOPBACK, 20_790, Optional.empty());
        UdpSocket e = open(LOOPBACK, 20_791, Optional.empty());
        UdpSocket from = open(LOOPBACK, 0, Optional.empty())) {
      for (UdpSocket each : new UdpSocket[] {a, b, c, d, e}) {
        wait.add(each);
      }
      wait.remove(a);
      from.connect(LOOPBACK, 20_791);
      from.send(new byte[] {5});

      assertThat(wait.await(SOON)).containsExactly(e);
      assertThat(e.receive(read)).isEqualTo(1);
    }
  }
}
