package io.denim.attach;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.cni.CniException.Code;
import io.denim.linux.nft.TableState;
import java.net.DatagramSocket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ports of the node that lead to containers, with connections from everywhere. */
class HostPortIT {
  private static final String TCP = ports(port(8080, 80, "tcp", ""));
  private static final String UDP = ports(port(8053, 53, "udp", ""));

  @TempDir Path directory;

  private TestNode node;
  private TestContainer container;
  private TestContainer neighbour;

  @BeforeEach
  void open() {
    node = new TestNode(directory, "10.1.0.0/24", "fd00:1::/64");
    container = node.container("c1");
    neighbour = node.container("c2");
  }

  @AfterEach
  void close() {
    node.close();
  }

  private static String port(int host, int to, String protocol, String hostIp) {
    return "{\"hostPort\":%d,\"containerPort\":%d,\"protocol\":\"%s\",\"hostIP\":\"%s\"}"
        .formatted(host, to, protocol, hostIp);
  }

  private static String ports(String... ports) {
    return Config.denim(Config.runtime("\"portMappings\":[" + String.join(",", ports) + "]"));
  }

  private void addTcp(TestContainer to, String config) {
    to.add(config).assertAdded();
    Talk.answerTcp(node, to.namespace, 80, to.id);
  }

  private void addUdp(TestContainer to, String config) {
    to.add(config).assertAdded();
    Talk.answerUdp(node, to.namespace, 53, to.id);
  }

  @Test
  void aTcpPortIsReachedFromOutsideWithTheClientsOwnAddress() {
    addTcp(container, TCP);

    assertThat(Talk.tcp(node.outside, "192.0.2.1", 8080)).isEqualTo("c1 192.0.2.2");
    assertThat(Talk.tcp(node.outside, "2001:db8::1", 8080)).isEqualTo("c1 2001:db8::2");
  }

  @Test
  void aUdpPortIsReachedFromOutsideWithTheClientsOwnAddress() {
    addUdp(container, UDP);

    assertThat(Talk.udp(node.outside, "192.0.2.1", 8053)).isEqualTo("c1 192.0.2.2");
    assertThat(Talk.udp(node.outside, "2001:db8::1", 8053)).isEqualTo("c1 2001:db8::2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"192.0.2.1", "10.1.0.1", "127.0.0.1", "127.0.0.8", "2001:db8::1"})
  void aTcpPortIsReachedFromTheNodeByAnyOfItsAddresses(String address) {
    addTcp(container, TCP);

    assertThat(Talk.tcp(node.namespace, address, 8080)).startsWith("c1 ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"192.0.2.1", "10.1.0.1", "127.0.0.1", "2001:db8::1"})
  void aUdpPortIsReachedFromTheNodeByAnyOfItsAddresses(String address) {
    addUdp(container, UDP);

    assertThat(Talk.udp(node.namespace, address, 8053)).startsWith("c1 ");
  }

  @Test
  void aContainerReachesItselfByAPortOfTheNode() {
    addTcp(container, ports(port(8080, 80, "tcp", ""), port(8053, 53, "udp", "")));
    Talk.answerUdp(node, container.namespace, 53, "c1");

    assertThat(Talk.tcp(container.namespace, "192.0.2.1", 8080)).isEqualTo("c1 10.1.0.1");
    assertThat(Talk.udp(container.namespace, "192.0.2.1", 8053)).isEqualTo("c1 10.1.0.1");
    assertThat(Talk.tcp(container.namespace, "2001:db8::1", 8080)).isEqualTo("c1 fd00:1::1");
  }

  @Test
  void aNeighbourReachesAContainerByAPortOfTheNode() {
    addTcp(container, ports(port(8080, 80, "tcp", ""), port(8053, 53, "udp", "")));
    Talk.answerUdp(node, container.namespace, 53, "c1");
    neighbour.add(Config.DENIM).assertAdded();

    assertThat(Talk.tcp(neighbour.namespace, "192.0.2.1", 8080)).startsWith("c1 ");
    assertThat(Talk.udp(neighbour.namespace, "10.1.0.1", 8053)).startsWith("c1 ");
    assertThat(Talk.tcp(neighbour.namespace, "2001:db8::1", 8080)).startsWith("c1 ");
    assertThat(Talk.tcp(neighbour.namespace, "10.1.0.2", 80)).isEqualTo("c1 10.1.0.3");
  }

  @Test
  void aPortOfOneAddressIsOfNoOther() {
    addTcp(container, ports(port(8080, 80, "tcp", "192.0.2.1")));

    assertThat(Talk.tcp(node.outside, "192.0.2.1", 8080)).startsWith("c1 ");
    assertThat(Talk.tcp(node.namespace, "192.0.2.1", 8080)).startsWith("c1 ");
    assertThat(Talk.tcp(node.namespace, "10.1.0.1", 8080)).contains("refused");
    assertThat(Talk.tcp(node.namespace, "127.0.0.1", 8080)).contains("refused");
    assertThat(Talk.tcp(node.outside, "2001:db8::1", 8080)).contains("refused");
  }

  @Test
  void aPortOfTheLoopbackAddressIsOfTheNodeOnly() {
    addTcp(container, ports(port(8080, 80, "tcp", "127.0.0.1")));

    assertThat(Talk.tcp(node.namespace, "127.0.0.1", 8080)).startsWith("c1 ");
    assertThat(Talk.tcp(node.outside, "192.0.2.1", 8080)).contains("refused");
  }

  @Test
  void anyAddressOfAFamilyIsOfThatFamilyOnly() {
    addTcp(container, ports(port(8080, 80, "tcp", "0.0.0.0"), port(8081, 80, "tcp", "::")));

    assertThat(Talk.tcp(node.outside, "192.0.2.1", 8080)).startsWith("c1 ");
    assertThat(Talk.tcp(node.outside, "2001:db8::1", 8080)).contains("refused");
    assertThat(Talk.tcp(node.outside, "2001:db8::1", 8081)).startsWith("c1 ");
    assertThat(Talk.tcp(node.outside, "192.0.2.1", 8081)).contains("refused");
  }

  @Test
  void portsOfTwoProtocolsAndOfTwoAddressesAreTwoPorts() {
    addTcp(container, ports(port(8080, 80, "tcp", "192.0.2.1"), port(8080, 80, "sctp", "")));
    addTcp(neighbour, ports(port(8080, 80, "udp", ""), port(8080, 80, "tcp", "10.1.0.1")));

    assertThat(Talk.tcp(node.namespace, "192.0.2.1", 8080)).startsWith("c1 ");
    assertThat(Talk.tcp(node.namespace, "10.1.0.1", 8080)).startsWith("c2 ");
  }

  @Test
  void aPortThatLeadsToAnotherIsRefusedUntilThatIsDeleted() {
    addTcp(container, TCP);
    List<String> before = node.remains();

    String error = neighbour.add(TCP).assertError(Code.TRY_AGAIN);

    assertThat(error).contains("eth0 of container c1", "portMappings");
    assertThat(node.remains()).isEqualTo(before);
    assertThat(Talk.tcp(node.outside, "192.0.2.1", 8080)).startsWith("c1 ");
    container.del(TCP).assertDone();
    addTcp(neighbour, TCP);
    assertThat(Talk.tcp(node.outside, "192.0.2.1", 8080)).startsWith("c2 ");
  }

  @Test
  void aPortIsFreeAfterDel() {
    addTcp(container, TCP);
    container.delWithoutNamespace(TCP).assertDone();

    assertThat(Talk.tcp(node.outside, "192.0.2.1", 8080)).contains("refused");
    assertThat(node.elements()).isEmpty();
  }

  @Test
  void aFlowThatSpokeToAContainerThatIsGoneReachesTheNextOne() {
    try (DatagramSocket client = Talk.socket(node.outside);
        DatagramSocket client6 = Talk.socket(node.outside)) {
      addUdp(container, UDP);
      assertThat(Talk.udp(client, "192.0.2.1", 8053)).startsWith("c1 ");
      assertThat(Talk.udp(client6, "2001:db8::1", 8053)).startsWith("c1 ");

      container.del(UDP).assertDone();
      addUdp(neighbour, UDP);

      assertThat(Talk.udp(client, "192.0.2.1", 8053)).startsWith("c2 ");
      assertThat(Talk.udp(client6, "2001:db8::1", 8053)).startsWith("c2 ");
    }
  }

  @Test
  void aFlowThatSpokeToTheNodeReachesTheContainerThatTakesThePort() {
    addTcp(neighbour, TCP);
    Talk.answerUdp(node, node.namespace, 8053, "node");
    try (DatagramSocket client = Talk.socket(node.outside)) {
      assertThat(Talk.udp(client, "192.0.2.1", 8053)).startsWith("node ");

      addUdp(container, UDP);

      assertThat(Talk.udp(client, "192.0.2.1", 8053)).startsWith("c1 ");
      container.del(UDP).assertDone();
      assertThat(Talk.udp(client, "192.0.2.1", 8053)).startsWith("node ");
    }
  }

  @Test
  void whatSomebodyDeletesIsPutBack() {
    addTcp(container, TCP);
    List<String> elements = node.elements();

    TestNode.run(node.namespace, "nft", "flush", "map", "inet", RuleSet.TABLE, "ports4");
    assertThat(Talk.tcp(node.outside, "192.0.2.1", 8080)).contains("refused");
    node.attachments().mendRules();
    assertThat(Talk.tcp(node.outside, "192.0.2.1", 8080)).startsWith("c1 ");

    TestNode.run(node.namespace, "nft", "flush", "chain", "inet", RuleSet.TABLE, "prerouting");
    node.attachments().mendRules();
    assertThat(Talk.tcp(node.outside, "192.0.2.1", 8080)).startsWith("c1 ");

    node.nft.delete(TableState.Family.INET, RuleSet.TABLE);
    node.attachments().mendRules();
    assertThat(Talk.tcp(node.outside, "192.0.2.1", 8080)).startsWith("c1 ");
    assertThat(node.elements()).isEqualTo(elements);
    assertThat(node.attachments().problems()).isEmpty();
  }

  @Test
  void afterTheTableIsDeletedThePortOfAnotherContainerBringsAllBack() {
    addTcp(container, TCP);
    node.nft.delete(TableState.Family.INET, RuleSet.TABLE);

    addTcp(neighbour, ports(port(8081, 80, "tcp", "")));

    assertThat(Talk.tcp(node.outside, "192.0.2.1", 8080)).startsWith("c1 ");
    assertThat(Talk.tcp(node.outside, "192.0.2.1", 8081)).startsWith("c2 ");
  }

  @Test
  void aDelWhenATableIsGoneLeavesNothingInTheOther() {
    String config = TCP.replace("\"runtimeConfig\"", "\"macspoofchk\":true,\"runtimeConfig\"");
    List<String> before = node.remains();
    container.add(config).assertAdded();
    node.nft.delete(TableState.Family.INET, RuleSet.TABLE);

    container.del(config).assertDone();

    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void anElementThatIsNotThereAndOneOfSomebodyElseDisturbNobody() {
    addTcp(container, TCP);
    TestNode.run(node.namespace, "nft", "flush", "map", "inet", RuleSet.TABLE, "ports4");
    TestNode.run(
        node.namespace,
        "nft",
        "add element inet denim_pods ports4 { tcp . 8080 : 10.1.0.99 . 80 }");

    container.del(TCP).assertDone();
    node.attachments().mendRules();

    assertThat(node.elements()).isEmpty();
  }

  @Test
  void theNextAgentKnowsThePortsOfTheOneBefore() {
    addTcp(container, TCP);
    node.nft.delete(TableState.Family.INET, RuleSet.TABLE);

    node.start();

    assertThat(Talk.tcp(node.outside, "192.0.2.1", 8080)).startsWith("c1 ");
    assertThat(Talk.tcp(node.namespace, "127.0.0.1", 8080)).startsWith("c1 ");
    neighbour.add(TCP).assertError(Code.TRY_AGAIN);
    container.del(TCP).assertDone();
    neighbour.add(TCP).assertAdded();
  }
}
