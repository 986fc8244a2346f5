package io.denim.linux.conntrack;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.linux.BridgedHost;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.net.DatagramSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConntrackIT {
  private static final IpAddress HOST = IpAddress.parse("192.0.2.1");
  private static final IpAddress CLIENT = IpAddress.parse("192.0.2.2");
  private static final IpAddress POD = IpAddress.parse("10.1.0.10");

  private BridgedHost net;
  private Conntrack conntrack;

  @BeforeEach
  void open() throws Exception {
    net = new BridgedHost();
    conntrack = Conntrack.open(net.host);
    net.answerUdp(net.host, 53, "host");
    net.answerUdp(net.pod(10), 53, "pod");
    // Rules of type nat make the kernel follow connections.
    nft(
        """
        table inet t {
          map ports { type inet_service : ipv4_addr; }
          map ports6 { type inet_service : ipv6_addr; }
          chain c {
            type nat hook prerouting priority dstnat;
            fib daddr type local dnat ip to udp dport map @ports
            fib daddr type local dnat ip6 to udp dport map @ports6
          }
        }
        """);
  }

  @AfterEach
  void close() {
    conntrack.close();
    net.close();
  }

  private void nft(String script) throws Exception {
    Path file = Files.createTempFile("rules", ".nft");
    try {
      Files.writeString(file, script);
      assertThat(BridgedHost.run(net.host, "nft", "-f", file.toString())).isEmpty();
    } finally {
      Files.delete(file);
    }
  }

  private void publish() throws Exception {
    nft("add element inet t ports { 53 : 10.1.0.10 }\n");
    nft("add element inet t ports6 { 53 : fd00:1::10 }\n");
  }

  private static Conntrack.Target port(int port) {
    return new Conntrack.Target(Optional.empty(), port);
  }

  @Test
  void aClientThatSpokeToTheHostReachesThePodOnceItsEntryIsGone() throws Exception {
    try (DatagramSocket client = BridgedHost.socket(net.client)) {
      assertThat(BridgedHost.udp(client, "192.0.2.1", 53)).isEqualTo("host 192.0.2.2");
      publish();
      assertThat(BridgedHost.udp(client, "192.0.2.1", 53)).isEqualTo("host 192.0.2.2");

      int deleted = conntrack.deleteUdp(Family.IPV4, List.of(port(53)));

      assertThat(deleted).isEqualTo(1);
      assertThat(BridgedHost.udp(client, "192.0.2.1", 53)).isEqualTo("pod 192.0.2.2");
      Tuple original = new Tuple(CLIENT, HOST, Tuple.UDP, client.getLocalPort(), 53);
      Tuple reply = new Tuple(POD, CLIENT, Tuple.UDP, 53, client.getLocalPort());
      assertThat(conntrack.flows(Family.IPV4, Tuple.UDP))
          .singleElement()
          .satisfies(flow -> assertThat(flow.original()).isEqualTo(original))
          .satisfies(flow -> assertThat(flow.reply()).isEqualTo(reply));
    }
  }

  @Test
  void aClientOfIpv6ReachesThePodOnceItsEntryIsGone() throws Exception {
    try (DatagramSocket client = BridgedHost.socket(net.client)) {
      assertThat(BridgedHost.udp(client, "2001:db8::1", 53)).isEqualTo("host 2001:db8::2");
      publish();
      assertThat(BridgedHost.udp(client, "2001:db8::1", 53)).isEqualTo("host 2001:db8::2");

      assertThat(conntrack.deleteUdp(Family.IPV4, List.of(port(53)))).isZero();
      assertThat(conntrack.deleteUdp(Family.IPV6, List.of(port(53)))).isEqualTo(1);

      assertThat(BridgedHost.udp(client, "2001:db8::1", 53)).isEqualTo("pod 2001:db8::2");
    }
  }

  @Test
  void onlyEntriesToThePortAndTheAddressAreDeleted() {
    assertThat(BridgedHost.udp(net.client, "192.0.2.1", 53)).startsWith("host");
    assertThat(BridgedHost.udp(net.client, "10.1.0.1", 53)).startsWith("host");
    var elsewhere = new Conntrack.Target(Optional.of(IpAddress.parse("192.0.2.9")), 53);
    var here = new Conntrack.Target(Optional.of(HOST), 53);

    assertThat(conntrack.deleteUdp(Family.IPV4, List.of(port(54), elsewhere))).isZero();
    assertThat(conntrack.deleteUdp(Family.IPV4, List.of())).isZero();
    assertThat(conntrack.deleteUdp(Family.IPV4, List.of(here, elsewhere))).isEqualTo(1);

    assertThat(conntrack.flows(Family.IPV4, Tuple.UDP))
        .extracting(flow -> flow.original().destination())
        .contains(IpAddress.parse("10.1.0.1"))
        .doesNotContain(HOST);
  }

  @Test
  void whatAPodAnswersIsDeletedWithThePod() throws Exception {
    publish();
    try (DatagramSocket client = BridgedHost.socket(net.client)) {
      assertThat(BridgedHost.udp(client, "192.0.2.1", 53)).isEqualTo("pod 192.0.2.2");
      nft("flush map inet t ports\n");
      assertThat(BridgedHost.udp(client, "192.0.2.1", 53)).isEqualTo("pod 192.0.2.2");

      assertThat(conntrack.deleteUdpAnsweredBy(POD)).isEqualTo(1);

      assertThat(BridgedHost.udp(client, "192.0.2.1", 53)).isEqualTo("host 192.0.2.2");
      assertThat(conntrack.deleteUdpAnsweredBy(POD)).isZero();
    }
  }

  @Test
  void tcpIsNoUdp() {
    net.answerTcp(net.host, 53, "host");
    assertThat(BridgedHost.tcp(net.client, "192.0.2.1", 53)).isEqualTo("host 192.0.2.2");
    assertThat(conntrack.flows(Family.IPV4, Tuple.UDP)).isEmpty();
    assertThat(conntrack.flows(Family.IPV4, Tuple.TCP)).hasSize(1);
    assertThat(conntrack.deleteUdp(Family.IPV4, List.of(port(53)))).isZero();
  }
}
