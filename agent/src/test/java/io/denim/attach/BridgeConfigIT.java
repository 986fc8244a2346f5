package io.denim.attach;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.cni.CniException.Code;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.net.Family;
import io.denim.net.MacAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each key of a bridge's configuration does, in the kernel and to packets. */
class BridgeConfigIT {
  private static final String OTHER = "\"bridge\":\"br1\"," + Config.subnets("172.16.0.0/24");
  private static final String GATEWAY = OTHER + ",\"isDefaultGateway\":true";

  @TempDir Path directory;

  private TestNode node;
  private TestContainer container;
  private TestContainer neighbour;

  @BeforeEach
  void open() {
    node = new TestNode(directory, "10.1.0.0/24");
    container = node.container("c1");
    neighbour = node.container("c2");
  }

  @AfterEach
  void close() {
    node.close();
  }

  /** The addresses of a device of the node, with their lengths, without link-local ones. */
  private List<String> addresses(String device) {
    int index = node.link(device).index();
    return node.kernel.addresses().stream()
        .filter(each -> each.ifindex() == index && !each.address().address().isLinkLocal())
        .map(LinkAddress::address)
        .map(Object::toString)
        .toList();
  }

  private Answer addAnswering(TestContainer to, String config) {
    Answer added = to.add(config).assertAdded();
    Talk.answerTcp(node, to.namespace, 80, to.id);
    return added;
  }

  private void assertReaches(TestContainer to, Answer added) {
    assertThat(Talk.tcp(node.namespace, added.ip(), 80)).startsWith(to.id);
  }

  @Test
  void aBridgeIsMadeWithAnAddressOfItsOwnThatStays() {
    Answer first = addAnswering(container, Config.bridge(GATEWAY));

    Link bridge = node.link("br1");
    assertThat(bridge.kind()).isEqualTo(new LinkKind.Bridge());
    assertThat(bridge.up()).isTrue();
    assertThat(addresses("br1")).containsExactly("172.16.0.1/24");
    assertReaches(container, first);
    neighbour.add(Config.bridge(GATEWAY)).assertAdded();
    container.del(Config.bridge(GATEWAY)).assertDone();
    neighbour.del(Config.bridge(GATEWAY)).assertDone();
    node.remains();
    assertThat(node.link("br1").mac()).isEqualTo(bridge.mac());
  }

  @Test
  void aBridgeThatIsThereIsUsedAsItIs() {
    node.kernel.execute(
        Links.create(
            Links.Spec.of("br1", new LinkKind.Bridge()).mac(MacAddress.local(5)).mtu(1300)));

    addAnswering(container, Config.bridge(GATEWAY));

    assertThat(node.link("br1").mac()).contains(MacAddress.local(5));
    assertThat(node.link("br1").up()).isTrue();
  }

  @Test
  void aDeviceThatIsNoBridgeIsRefusedAndLeftAlone() {
    List<String> before = node.remains();
    String config = Config.bridge(GATEWAY.replace("br1", "up0") + ",\"forceAddress\":true");

    String error = container.add(config).assertError(Code.INVALID_CONFIG);

    assertThat(error).contains("bridge", "\"up0\"", "veth");
    assertThat(node.remains()).isEqualTo(before);
    assertThat(addresses("up0")).containsExactlyInAnyOrder("192.0.2.1/24", "2001:db8::1/64");
  }

  @Test
  void aGatewayHasItsAddressOnTheBridgeAndMakesNoDefaultRoute() {
    Answer added = addAnswering(container, Config.bridge(OTHER + ",\"isGateway\":true"));

    assertThat(addresses("br1")).containsExactly("172.16.0.1/24");
    assertThat(container.routes(Family.IPV4))
        .extracting(route -> route.destination().toString())
        .containsExactly("172.16.0.0/24");
    assertReaches(container, added);
  }

  @Test
  void withoutAGatewayContainersReachOnlyEachOther() {
    addAnswering(container, Config.bridge(OTHER));
    neighbour.add(Config.bridge(OTHER)).assertAdded();

    assertThat(addresses("br1")).isEmpty();
    assertThat(Talk.tcp(neighbour.namespace, "172.16.0.2", 80)).isEqualTo("c1 172.16.0.3");
  }

  @Test
  void aDefaultGatewayLeadsToTheOutside() {
    node.announce("172.16.0.0/24");
    Talk.answerTcp(node, node.outside, 80, "outside");

    container.add(Config.bridge(GATEWAY)).assertAdded();

    assertThat(Talk.tcp(container.namespace, "192.0.2.2", 80)).isEqualTo("outside 172.16.0.2");
  }

  @Test
  void anotherAddressOfTheBridgeIsNotReplacedUnlessThatIsForced() {
    container.add(Config.bridge(GATEWAY)).assertAdded();
    String other =
        "\"isGateway\":true,\"bridge\":\"br1\"," + Config.subnets("172.17.0.0/24", "fd00:2::/64");
    List<String> before = node.remains();

    String error = neighbour.add(Config.bridge(other)).assertError(Code.INVALID_CONFIG);

    assertThat(error).contains("172.16.0.1/24", "172.17.0.1/24", "forceAddress");
    assertThat(node.remains()).isEqualTo(before);
    assertThat(addresses("br1")).containsExactly("172.16.0.1/24");
    neighbour.add(Config.bridge(other + ",\"forceAddress\":true")).assertAdded();
    assertThat(addresses("br1")).containsExactlyInAnyOrder("172.17.0.1/24", "fd00:2::1/64");
  }

  @Test
  void masqueradingHidesContainersFromTheOutsideOnly() {
    Talk.answerTcp(node, node.outside, 80, "outside");
    addAnswering(container, Config.bridge(GATEWAY + ",\"ipMasq\":true"));
    addAnswering(neighbour, Config.bridge(GATEWAY + ",\"ipMasq\":true"));

    assertThat(Talk.tcp(container.namespace, "192.0.2.2", 80)).isEqualTo("outside 192.0.2.1");
    assertThat(Talk.tcp(container.namespace, "172.16.0.3", 80)).isEqualTo("c2 172.16.0.2");
    assertThat(Talk.tcp(container.namespace, "172.16.0.1", 80)).contains("refused");
    neighbour.del(Config.bridge(GATEWAY)).assertDone();
    assertThat(Talk.tcp(container.namespace, "192.0.2.2", 80)).isEqualTo("outside 192.0.2.1");
  }

  @Test
  void masqueradingHidesContainersOfIpv6() {
    Talk.answerTcp(node, node.outside, 80, "outside");
    String config =
        "\"isDefaultGateway\":true,\"ipMasq\":true,\"bridge\":\"br1\","
            + Config.subnets("fd00:2::/64");

    container.add(Config.bridge(config)).assertAdded();

    assertThat(Talk.tcp(container.namespace, "2001:db8::2", 80)).isEqualTo("outside 2001:db8::1");
  }

  @Test
  void theMtuIsThatOfBothEndsAndOfTheBridgeThatIsMade() {
    Answer added = container.add(Config.bridge(GATEWAY + ",\"mtu\":1234"));

    assertThat(container.eth0().mtu()).isEqualTo(1234);
    assertThat(node.link(added.hostDevice()).mtu()).isEqualTo(1234);
    assertThat(node.link("br1").mtu()).isEqualTo(1234);
  }

  @ParameterizedTest
  @CsvSource({
    "denim-cni, '', true",
    "denim-cni, '\"hairpinMode\":false,', false",
    "denim-cni, '\"promiscMode\":true,', false",
    "bridge, '', false",
    "bridge, '\"hairpinMode\":true,', true"
  })
  void hairpinIsAsTheConfigurationSays(String type, String key, boolean hairpin) {
    Answer added = container.add(Config.of("1.1.0", type, key + GATEWAY));

    assertThat(node.link(added.hostDevice()).hairpin()).isEqualTo(hairpin);
  }

  @Test
  void promiscModeIsOfTheBridge() {
    container.add(Config.bridge(OTHER + ",\"promiscMode\":true")).assertAdded();
    assertThat(node.link("br1").promiscuous()).isTrue();

    neighbour.add(Config.bridge(OTHER.replace("br1", "br2"))).assertAdded();
    assertThat(node.link("br2").promiscuous()).isFalse();
  }

  @Test
  void framesWithAForgedSourceAreDroppedWhereTheyAreLookedAt() {
    String guarded = Config.bridge(GATEWAY + ",\"macspoofchk\":true");
    Answer first = addAnswering(container, guarded);
    Answer second = addAnswering(neighbour, Config.bridge(GATEWAY));
    assertReaches(container, first);
    assertReaches(neighbour, second);

    forge(container);
    forge(neighbour);

    assertThat(Talk.tcpInVain(node.namespace, first.ip(), 80)).contains("Exception");
    assertReaches(neighbour, second);
    List<String> before = node.elements();
    container.del(guarded).assertDone();
    assertThat(before).hasSize(2);
    assertThat(node.elements()).isEmpty();
  }

  private static void forge(TestContainer container) {
    try (Rtnetlink inside = container.kernel()) {
      inside.execute(Links.mac(container.eth0().index(), MacAddress.local(66)));
    }
    TestNode.run(container.namespace, "ip", "neigh", "flush", "all");
  }

  @Test
  void anInterfaceThatIsToStayDownStaysDown() {
    Answer added =
        container.add(Config.bridge("\"bridge\":\"br1\",\"disableContainerInterface\":true"));

    added.assertAdded();
    assertThat(container.eth0().up()).isFalse();
    assertThat(container.addresses("eth0")).isEmpty();
    assertThat(node.link(added.hostDevice()).master()).isEqualTo(node.link("br1").index());
    container.check(Config.bridge("\"disableContainerInterface\":true"), added).assertDone();
  }

  @Test
  void isolatedPortsReachTheNodeAndNotEachOther() {
    String isolated = Config.bridge(GATEWAY + ",\"portIsolation\":true");
    Answer first = addAnswering(container, isolated);
    neighbour.add(isolated).assertAdded();

    assertReaches(container, first);
    assertThat(Talk.tcpInVain(neighbour.namespace, first.ip(), 80)).contains("Exception");
  }

  @Test
  void anAddressIsProbedWhereThatIsAskedForAndAtOnceUsableOtherwise() {
    String subnet = "\"isGateway\":true,\"bridge\":\"br1\"," + Config.subnets("fd00:2::/64");
    Answer first = addAnswering(container, Config.bridge(subnet));
    assertReaches(container, first);

    Answer second = addAnswering(neighbour, Config.bridge(subnet + ",\"enabledad\":true"));

    try (Rtnetlink inside = neighbour.kernel()) {
      LinkAddress address =
          inside.addresses().stream()
              .filter(each -> each.address().toString().equals("fd00:2::3/64"))
              .findFirst()
              .orElseThrow();
      assertThat(address.flags() & (LinkAddress.IFA_F_TENTATIVE | LinkAddress.IFA_F_NODAD))
          .isZero();
    }
    assertReaches(neighbour, second);
  }

  @Test
  void anAddressThatANeighbourHasIsRefusedWhereItIsProbed() {
    String subnet = "\"isGateway\":true,\"bridge\":\"br1\"," + Config.subnets("fd00:2::/64");
    container.add(Config.bridge(subnet)).assertAdded();
    TestNode.run(container.namespace, "ip", "addr", "add", "fd00:2::3/64", "dev", "eth0", "nodad");
    List<String> before = node.remains();

    String error =
        neighbour.add(Config.bridge(subnet + ",\"enabledad\":true")).assertError(Code.TRY_AGAIN);

    assertThat(error).contains("fd00:2::3");
    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void theNodesOwnBridgeIsNoGatewayOfAnotherSubnet() {
    List<String> before = node.remains();

    String foreign =
        container
            .add(Config.bridge("\"isGateway\":true," + Config.subnets("172.16.0.0/24")))
            .assertError(Code.INVALID_CONFIG);
    String otherLength =
        container.add(Config.denim(Config.subnets("10.1.0.0/25"))).assertError(Code.INVALID_CONFIG);

    assertThat(foreign).contains("\"cni0\" is the node's own", "10.1.0.1/24", "172.16.0.0/24");
    assertThat(otherLength).contains("\"cni0\" is the node's own");
    assertThat(node.remains()).isEqualTo(before);
    container
        .add(Config.bridge("\"isDefaultGateway\":true," + Config.subnets("10.1.0.0/24")))
        .assertAdded();
    neighbour.add(Config.bridge(Config.subnets("172.16.0.0/24"))).assertAdded();
    assertThat(addresses("cni0")).containsExactly("10.1.0.1/24");
  }

  @Test
  void withoutIpamThereIsAPortAndNoAddress() {
    Answer added = container.add(Config.bridge(""));

    assertThat(added.addresses()).isEmpty();
    assertThat(container.eth0().up()).isTrue();
    assertThat(node.link(added.hostDevice()).master()).isEqualTo(node.link("cni0").index());
    container.check(Config.bridge(""), added).assertDone();
    container.del(Config.bridge("")).assertDone();
    assertThat(node.remains()).doesNotContain("link " + added.hostDevice());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`\"vlan\":7` | 2 | vlan 7 is not supported",
        "`\"vlanTrunk\":[{\"id\":7}]` | 2 | vlanTrunk",
        "`\"preserveDefaultVlan\":true` | 2 | preserveDefaultVlan true is not supported",
        "`\"vlan\":4095` | 7 | vlan 4095; allowed is a whole number from 0 to 4094",
        "`\"mtu\":67` | 7 | mtu 67",
        "`\"mtu\":\"1400\"` | 7 | mtu \"1400\"",
        "`\"bridge\":\"a/b\"` | 7 | bridge \"a/b\"",
        "`\"hairpinMode\":true,\"promiscMode\":true` | 7 | promiscMode true: hairpinMode is true",
        "`\"ipam\":{\"type\":\"dhcp\"}` | 7 | ipam.type \"dhcp\"; allowed is host-local",
        "`\"ipMasqBackend\":\"ipfw\"` | 7 | ipMasqBackend \"ipfw\""
      })
  void aKeyThatCannotBeFollowedIsNamedWithWhatIsAllowed(String keys, int code, String words) {
    List<String> before = node.remains();

    Answer answer = container.add(Config.bridge(keys));

    assertThat(answer.json().get("code").asInt()).as(answer.out()).isEqualTo(code);
    assertThat(answer.json().get("msg").asString()).contains(words);
    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void theLoopbackDeviceIsUp() {
    container.add(Config.DENIM).assertAdded();

    assertThat(container.link("lo").orElseThrow().up()).isTrue();
    assertThat(container.addresses("lo")).contains("127.0.0.1/8");
  }

  @Test
  void aContainerHasInterfacesInTwoNetworksThatComeAndGoByThemselves() {
    String second = Config.named("others", Config.bridge(OTHER + ",\"isGateway\":true"));
    Answer first = addAnswering(container, Config.DENIM);

    Answer other = container.call("ADD", second, Map.of("CNI_IFNAME", "net1"));

    assertThat(other.ip()).isEqualTo("172.16.0.2");
    assertThat(other.hostDevice()).isNotEqualTo(first.hostDevice());
    assertReaches(container, first);
    assertReaches(container, other);
    container.call("DEL", second, Map.of("CNI_IFNAME", "net1")).assertDone();
    assertThat(node.remains()).doesNotContain("link " + other.hostDevice());
    assertThat(container.link("net1")).isEmpty();
    assertThat(node.addressFiles("others")).isEmpty();
    assertReaches(container, first);
    container.check(Config.DENIM, first).assertDone();
  }

  @Test
  void aBridgeThatTheAgentIsYetToMakeIsNotMadeByAnAdd() {
    try (TestNode unready = new TestNode(directory.resolve("unready"))) {
      unready.kernel.execute(Links.delete(unready.link("cni0").index()));
      unready.forget();
      TestContainer early = unready.container("early");

      early.add(Config.DENIM).assertError(Code.TRY_AGAIN);
      early
          .add(Config.bridge("\"isGateway\":true," + Config.subnets("10.1.0.0/24")))
          .assertError(Code.TRY_AGAIN);

      assertThat(unready.kernel.link("cni0")).isEmpty();
      early.add(Config.bridge(GATEWAY)).assertAdded();
    }
  }

  @Test
  void theNodesBridgeThatSomebodyDeletedIsWaitedFor() {
    node.kernel.execute(Links.delete(node.link("cni0").index()));
    List<String> before = node.remains();

    assertThat(container.add(Config.DENIM).assertError(Code.TRY_AGAIN)).contains("cni0");

    assertThat(node.remains()).isEqualTo(before);
  }
}
