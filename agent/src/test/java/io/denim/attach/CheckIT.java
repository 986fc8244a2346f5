package io.denim.attach;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.cni.CniException.Code;
import io.denim.linux.Errno;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Qdisc;
import io.denim.linux.netlink.Request;
import io.denim.linux.netlink.Route;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.nft.TableState;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CHECK finds what is not as it was made, whatever it is, and changes nothing. */
class CheckIT {
  private static final String CONFIG =
      Config.denim(
          """
          "ipMasq":true,"macspoofchk":true,"runtimeConfig":{\
          "portMappings":[{"hostPort":8080,"containerPort":80,"protocol":"tcp"}],\
          "bandwidth":{"ingressRate":8000000,"ingressBurst":800000,\
          "egressRate":8000000,"egressBurst":800000}}\
          """);

  @TempDir Path directory;

  private TestNode node;
  private TestContainer container;
  private Answer added;

  @BeforeEach
  void open() {
    node = new TestNode(directory, "10.1.0.0/24", "fd00:1::/64");
    container = node.container("c1");
    added = container.add(CONFIG).assertAdded();
  }

  @AfterEach
  void close() {
    node.close();
  }

  private int host() {
    return node.link(added.hostDevice()).index();
  }

  private void onNode(IntFunction<Request> change) {
    node.kernel.execute(change.apply(host()));
  }

  private void inside(IntFunction<Request> change) {
    try (Rtnetlink inside = container.kernel()) {
      inside.execute(change.apply(container.eth0().index()));
    }
  }

  /** Finds it, says it, and leaves it. */
  private void assertFound(String... words) {
    String first = container.check(CONFIG, added).assertError(Code.CHECK_FAILED);
    String second = container.check(CONFIG, added).assertError(Code.CHECK_FAILED);

    assertThat(first).startsWith("eth0 of container c1 is not as it was made: ").contains(words);
    assertThat(second).isEqualTo(first);
  }

  @Test
  void whatIsAsItWasMadePrintsNothing() {
    container.check(CONFIG, added).assertDone();
    container.check(CONFIG, added).assertDone();
  }

  @Test
  void aMissingAddressIsFound() {
    inside(i -> LinkAddress.delete(i, InterfaceAddress.parse("10.1.0.2/24")));
    assertFound("eth0 lacks the address 10.1.0.2/24");
  }

  @Test
  void aMissingAddressOfIpv6IsFound() {
    inside(i -> LinkAddress.delete(i, InterfaceAddress.parse("fd00:1::2/64")));
    assertFound("eth0 lacks the address fd00:1::2/64");
  }

  @Test
  void anAddressWithAnotherLengthIsFound() {
    inside(i -> LinkAddress.delete(i, InterfaceAddress.parse("10.1.0.2/24")));
    inside(i -> LinkAddress.replace(i, InterfaceAddress.parse("10.1.0.2/16")));
    assertFound("eth0 lacks the address 10.1.0.2/24");
  }

  @Test
  void aMissingRouteIsFound() {
    inside(i ->
        Route.via(Cidr.ALL_V4, IpAddress.parse("10.1.0.1"), i, false, Route.RTPROT_BOOT).delete());
    assertFound("lacks the route to 0.0.0.0/0 via 10.1.0.1");
  }

  @Test
  void aMissingRouteOfIpv6IsFound() {
    inside(i ->
        Route.via(Cidr.ALL_V6, IpAddress.parse("fd00:1::1"), i, false, Route.RTPROT_BOOT).delete());
    assertFound("lacks the route to ::/0 via fd00:1::1");
  }

  @Test
  void aRouteToAnotherGatewayIsFound() {
    inside(i ->
        Route.via(Cidr.ALL_V4, IpAddress.parse("10.1.0.9"), i, false, Route.RTPROT_BOOT).replace());
    assertFound("lacks the route to 0.0.0.0/0 via 10.1.0.1");
  }

  @Test
  void anotherHardwareAddressIsFound() {
    inside(i -> Links.mac(i, MacAddress.local(77)));
    assertFound("eth0 has the hardware address", "instead of 0a:58:0a:01:00:02");
  }

  @Test
  void anotherMtuIsFound() {
    inside(i -> Links.mtu(i, 1300));
    assertFound("eth0 has MTU 1300 instead of 1450");
  }

  @Test
  void anInterfaceThatIsDownIsFound() {
    inside(Links::down);
    assertFound("eth0 is down");
  }

  @Test
  void anInterfaceOfAnotherNameIsFound() {
    inside(Links::down);
    inside(i -> Links.rename(i, "eth1"));
    assertFound("the container has no interface eth0");
  }

  @Test
  void aHostDeviceThatIsDownIsFound() {
    onNode(Links::down);
    assertFound(added.hostDevice() + " is down");
  }

  @Test
  void aHostDeviceThatIsGoneIsFound() {
    onNode(Links::delete);
    assertFound("the node's device " + added.hostDevice() + " is not there", "no interface eth0");
  }

  @Test
  void aHostDeviceThatIsNoPortOfTheBridgeIsFound() {
    onNode(i -> Links.master(i, 0));
    assertFound(added.hostDevice() + " is no port of the bridge cni0");
  }

  @Test
  void aPortWithoutHairpinIsFound() {
    onNode(i -> Links.hairpin(i, false));
    assertFound(added.hostDevice() + " has hairpin false");
  }

  @Test
  void anIsolatedPortIsFound() {
    node.kernel.execute(Links.port(added.hostDevice(), true, true));
    assertFound(added.hostDevice() + " has port isolation true");
  }

  @Test
  void aBridgeThatIsGoneIsFound() {
    node.kernel.execute(Links.delete(node.link("cni0").index()));
    assertFound("the bridge cni0 is not there");
  }

  @Test
  void missingRulesAreFound() {
    for (String set : List.of("ports4", "translated6", "masqueraded4")) {
      TestNode.run(node.namespace, "nft", "flush", "set", "inet", RuleSet.TABLE, set);
      TestNode.run(node.namespace, "nft", "flush", "map", "inet", RuleSet.TABLE, set);
      assertFound("nftables set denim_pods " + set);
      node.attachments().mendRules();
      container.check(CONFIG, added).assertDone();
    }
  }

  @Test
  void missingTablesOfRulesAreFound() {
    node.nft.delete(TableState.Family.INET, RuleSet.TABLE);
    assertFound("denim_pods ports4", "denim_pods masqueraded6");
    node.nft.delete(TableState.Family.BRIDGE, RuleSet.TABLE);
    assertFound("denim_pods allowed");
    node.attachments().mendRules();
    container.check(CONFIG, added).assertDone();
  }

  @Test
  void aMissingLimitOfWhatComesInIsFound() {
    onNode(i -> Qdisc.root(i, new Qdisc.Other("tbf")).delete());
    assertFound("limit", added.hostDevice());
  }

  @Test
  void aMissingLimitOfWhatGoesOutIsFound() {
    onNode(i -> Qdisc.ingress(i).delete());
    assertFound("limit", added.hostDevice());
  }

  @Test
  void anotherLimitIsFound() {
    onNode(i -> Qdisc.root(i, new Qdisc.Tbf(5_000_000, 100_000, 200_000)).replace());
    assertFound("limit", added.hostDevice());
  }

  @Test
  void aMirrorThatIsGoneIsFound() {
    String mirror = added.hostDevice().replace("veth", "bwp");
    node.kernel.execute(Links.delete(node.link(mirror).index()));
    assertFound("limit");
  }

  @Test
  void additionsOfOthersAreTolerated() {
    inside(i -> LinkAddress.replace(i, InterfaceAddress.parse("172.16.0.2/24")));
    inside(i -> Route.onLink(Cidr.parse("172.17.0.0/16"), i, Route.RTPROT_BOOT).replace());
    try (Rtnetlink inside = container.kernel()) {
      inside.execute(Links.create(Links.Spec.of("net1", new LinkKind.Bridge())));
    }
    TestNode.run(node.namespace, "nft", "add", "table", "inet", "others");
    onNode(i -> Links.alias(i, "hers"));

    container.check(CONFIG, added).assertDone();
    container
        .check(CONFIG, new Answer(0, added.out().replace("\"ips\":[", "\"ips\":[" + EXTRA)))
        .assertDone();
  }

  private static final String EXTRA = "{\"address\":\"172.16.0.2/24\",\"interface\":2},";

  @Test
  void aResultWithoutTheAddressIsAnError() {
    Answer other = new Answer(0, added.out().replace("10.1.0.2/24", "10.1.0.3/24"));

    assertThat(container.check(CONFIG, other).assertError(Code.CHECK_FAILED))
        .contains("prevResult does not have its address 10.1.0.2/24");
  }

  @Test
  void aCallWithoutResultIsAnError() {
    assertThat(container.call("CHECK", CONFIG, Map.of()).assertError(Code.INVALID_CONFIG))
        .contains("prevResult is missing");
  }

  @Test
  void aContainerThatNobodyKnowsHasCode3() {
    TestContainer other = node.container("c2");

    assertThat(other.check(CONFIG, added).assertError(Code.UNKNOWN_CONTAINER))
        .contains("eth0 of container c2 is not attached");
  }

  @Test
  void aNamespaceThatIsGoneIsAnError() {
    String with = added.behind(CONFIG);

    assertThat(
            container
                .callWithLostNamespace("CHECK", with, Errno.ENOENT)
                .assertError(Code.UNKNOWN_CONTAINER))
        .contains("CNI_NETNS");
  }

  @Test
  void theOldestVersionWithChecksKnowsItsOwnResults() {
    TestContainer old = node.container("c4");
    String config = Config.of("0.4.0", "denim-cni", "");
    Answer first = old.add(config);

    old.check(config, first).assertDone();
    assertThat(old.routes(Family.IPV4)).hasSize(2);
  }
}
