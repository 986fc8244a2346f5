package io.denim.attach;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.cni.CniException.Code;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.Route;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.MacAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Where addresses, routes, names and hardware addresses come from: keys of ipam and of runtimes.
 */
class AddressConfigIT {
  @TempDir Path directory;

  private TestNode node;
  private TestContainer container;

  @BeforeEach
  void open() {
    node = new TestNode(directory, "10.1.0.0/24", "fd00:1::/64");
    container = node.container("c1");
  }

  @AfterEach
  void close() {
    node.close();
  }

  private static String gateway(String ipam) {
    return Config.bridge("\"bridge\":\"br1\",\"isDefaultGateway\":true," + Config.ipam(ipam));
  }

  private List<String> bridgeAddresses() {
    int index = node.link("br1").index();
    return node.kernel.addresses().stream()
        .filter(each -> each.ifindex() == index && !each.address().address().isLinkLocal())
        .map(LinkAddress::address)
        .map(Object::toString)
        .toList();
  }

  private void assertReaches(TestContainer to, Answer added) {
    Talk.answerTcp(node, to.namespace, 80, to.id);
    for (int i = 0; i < added.addresses().size(); i++) {
      assertThat(Talk.tcp(node.namespace, added.ip(i), 80)).startsWith(to.id);
    }
  }

  @Test
  void byDefaultThereIsAnAddressOfEachOfTheNodesSubnets() {
    Answer added = container.add(Config.DENIM);

    assertThat(added.addresses()).containsExactly("10.1.0.2/24", "fd00:1::2/64");
    assertThat(container.eth0().mac()).contains(MacAddress.parse("0a:58:0a:01:00:02"));
    assertReaches(container, added);
  }

  @Test
  void anotherBridgeOfTwoFamiliesIsReachedAtOnce() {
    Answer added =
        container.add(
            gateway(
                "\"ranges\":[[{\"subnet\":\"172.16.0.0/24\"}],[{\"subnet\":\"fd00:2::/64\"}]]"));

    assertThat(added.addresses()).containsExactly("172.16.0.2/24", "fd00:2::2/64");
    assertReaches(container, added);
    assertThat(container.routes(Family.IPV6)).extracting(Route::destination).contains(Cidr.ALL_V6);
  }

  @Test
  void theOldKeysOfHostLocalAreUnderstood() {
    String config =
        gateway(
            """
            "subnet":"172.16.0.0/24","rangeStart":"172.16.0.20","rangeEnd":"172.16.0.21",\
            "gateway":"172.16.0.254"\
            """);

    Answer first = container.add(config);
    Answer second = node.container("c2").add(config);

    assertThat(first.addresses()).containsExactly("172.16.0.20/24");
    assertThat(second.addresses()).containsExactly("172.16.0.21/24");
    assertThat(bridgeAddresses()).containsExactly("172.16.0.254/24");
    assertThat(first.json().get("ips").get(0).get("gateway").asString()).isEqualTo("172.16.0.254");
    node.container("c3").add(config).assertError(Code.EXHAUSTED);
    assertReaches(container, first);
  }

  @Test
  void aContainerGetsAnAddressOfEachSetOfRanges() {
    String config =
        gateway(
            """
            "ranges":[[{"subnet":"172.16.0.0/24"}],[{"subnet":"172.17.0.0/24"}]]\
            """);

    Answer first = container.add(config);
    TestContainer other = node.container("c2");
    Answer second = other.add(config);

    assertThat(first.addresses()).containsExactly("172.16.0.2/24", "172.17.0.2/24");
    assertThat(second.addresses()).containsExactly("172.16.0.3/24", "172.17.0.3/24");
    assertThat(bridgeAddresses()).containsExactlyInAnyOrder("172.16.0.1/24", "172.17.0.1/24");
    assertReaches(container, first);
    assertReaches(other, second);
  }

  @Test
  void theNextRangeOfASetIsUsedWhenOneIsFull() {
    String config =
        gateway(
            """
            "ranges":[[{"subnet":"172.16.0.0/24","rangeStart":"172.16.0.9","rangeEnd":"172.16.0.9"},\
            {"subnet":"172.17.0.0/24"}]]\
            """);
    TestContainer other = node.container("c2");
    TestContainer third = node.container("c3");

    Answer first = container.add(config);
    Answer second = other.add(config);
    container.del(config).assertDone();
    third.add(config).assertAdded();
    Answer again = container.add(config);

    assertThat(first.addresses()).containsExactly("172.16.0.9/24");
    assertThat(second.addresses()).containsExactly("172.17.0.2/24");
    assertThat(bridgeAddresses()).containsExactlyInAnyOrder("172.16.0.1/24", "172.17.0.1/24");
    assertReaches(container, again);
    assertReaches(other, second);
  }

  @Test
  void routesAreMadeAsTheyAreWritten() {
    String config =
        gateway(
            """
            "subnet":"172.16.0.0/24","routes":[{"dst":"10.0.0.0/8"},\
            {"dst":"10.9.0.0/16","gw":"172.16.0.9","mtu":1300,"advmss":1200,"priority":50},\
            {"dst":"10.10.0.0/16","table":100},{"dst":"10.11.0.0/16","scope":253}]\
            """);

    Answer added = container.add(config);

    List<String> lines = new ArrayList<>();
    for (String table : List.of("main", "100")) {
      TestNode.run(container.namespace, "ip", "-4", "route", "show", "table", table)
          .lines()
          .map(String::strip)
          .forEach(lines::add);
    }
    assertThat(lines)
        .containsExactlyInAnyOrder(
            "default via 172.16.0.1 dev eth0",
            "10.0.0.0/8 via 172.16.0.1 dev eth0",
            "10.9.0.0/16 via 172.16.0.9 dev eth0 metric 50 mtu 1300 advmss 1200",
            "10.11.0.0/16 dev eth0 scope link",
            "172.16.0.0/24 dev eth0 proto kernel scope link src 172.16.0.2",
            "10.10.0.0/16 via 172.16.0.1 dev eth0");
    assertThat(added.json().get("routes").get(1).toString())
        .isEqualTo(
            """
            {"dst":"10.9.0.0/16","gw":"172.16.0.9","mtu":1300,"advmss":1200,"priority":50}\
            """);
    assertThat(added.json().get("routes").get(2).get("table").asInt()).isEqualTo(100);
    container.check(config, added).assertDone();
    try (Rtnetlink inside = container.kernel()) {
      inside.execute(inside.routes(Family.IPV4, 100).getFirst().delete());
    }
    assertThat(container.check(config, added).assertError(Code.CHECK_FAILED))
        .contains("10.10.0.0/16");
  }

  @Test
  void aDefaultRouteThatIsWrittenIsNotMadeTwice() {
    container
        .add(
            gateway(
                """
                "subnet":"172.16.0.0/24","routes":[{"dst":"0.0.0.0/0","gw":"172.16.0.7"}]\
                """))
        .assertAdded();

    assertThat(container.routes(Family.IPV4))
        .filteredOn(route -> route.destination().equals(Cidr.ALL_V4))
        .singleElement()
        .asString()
        .contains("172.16.0.7");
  }

  @Test
  void reservationsAreKeptWhereTheConfigurationSays() {
    Path folder = directory.resolve("elsewhere");
    String config = gateway("\"subnet\":\"172.16.0.0/24\",\"dataDir\":\"" + folder + "\"");

    container.add(config).assertAdded();

    assertThat(folder.resolve("pods/172.16.0.2")).hasContent("c1\r\neth0");
    assertThat(node.addressFiles(Config.NETWORK)).isEmpty();
    container.del(gateway("\"subnet\":\"172.16.0.0/24\"")).assertDone();
    assertThat(folder.resolve("pods/172.16.0.2")).doesNotExist();
  }

  @Test
  void anAddressThatHostLocalGaveIsNotGivenAgain() throws Exception {
    Path folder = Files.createDirectories(node.folders.addresses().resolve("pods"));
    Files.writeString(folder.resolve("10.1.0.2"), "somebody\r\neth0");

    assertThat(container.add(Config.DENIM).ip()).isEqualTo("10.1.0.3");
  }

  @Test
  void theResolversConfigurationIsHandedOn() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("resolv.conf"),
            "# a comment\nnameserver 10.96.0.10\nsearch a.example b.example\noptions ndots:5\n");
    String ipam = "\"subnet\":\"172.16.0.0/24\",\"resolvConf\":\"" + file + "\"";

    Answer added = container.add(gateway(ipam));
    Answer own =
        node.container("c2")
            .add(gateway(ipam).replace("\"type\":\"bridge\"", "\"type\":\"bridge\"," + DNS));

    assertThat(added.json().get("dns").toString())
        .isEqualTo(
            """
            {"nameservers":["10.96.0.10"],"search":["a.example","b.example"],\
            "options":["ndots:5"]}\
            """);
    assertThat(own.json().get("dns").toString()).isEqualTo("{\"nameservers\":[\"192.0.2.53\"]}");
    Files.delete(file);
    assertThat(node.container("c3").add(gateway(ipam)).assertError(Code.INVALID_CONFIG))
        .contains("ipam.resolvConf", file.toString());
  }

  private static final String DNS = "\"dns\":{\"nameservers\":[\"192.0.2.53\"]}";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`\"runtimeConfig\":{\"mac\":\"02:00:00:00:01:01\"}` | ``",
        "`\"args\":{\"cni\":{\"mac\":\"02:00:00:00:01:01\"}}` | ``",
        "`\"capabilities\":{}` | MAC=02:00:00:00:01:01",
        "`\"runtimeConfig\":{\"io.kubernetes.cri.pod-annotations\":{\"denim.io/mac\":"
            + "\"02:00:00:00:01:01\"}}` | ``",
        "`\"runtimeConfig\":{\"mac\":\"02:00:00:00:01:01\"},\"args\":{\"cni\":{\"mac\":"
            + "\"02:00:00:00:01:02\"}}` | MAC=02:00:00:00:01:03"
      })
  void theHardwareAddressMayBeAskedFor(String keys, String args) {
    Answer added = container.add(Config.denim(keys), args);

    assertThat(container.eth0().mac()).contains(MacAddress.parse("02:00:00:00:01:01"));
    assertThat(added.json().get("interfaces").get(2).get("mac").asString())
        .isEqualTo("02:00:00:00:01:01");
    assertReaches(container, added);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`\"runtimeConfig\":{\"ips\":[\"10.1.0.77/24\"]}` | ``",
        "`\"args\":{\"cni\":{\"ips\":[\"10.1.0.77\"]}}` | ``",
        "`\"capabilities\":{}` | IP=10.1.0.77",
        "`\"runtimeConfig\":{\"io.kubernetes.cri.pod-annotations\":{\"denim.io/ips\":"
            + "\"10.1.0.77\"}}` | ``"
      })
  void anAddressMayBeAskedForAndTheOtherFamilyIsChosen(String keys, String args) {
    Answer added = container.add(Config.denim(keys), args);

    assertThat(added.addresses()).containsExactly("10.1.0.77/24", "fd00:1::2/64");
    assertReaches(container, added);
  }

  @Test
  void addressesOfBothFamiliesMayBeAskedFor() {
    Answer added =
        container.add(Config.denim(Config.runtime("\"ips\":[\"fd00:1::77/64\",\"10.1.0.77/24\"]")));

    assertThat(added.addresses()).containsExactly("10.1.0.77/24", "fd00:1::77/64");
  }

  @ParameterizedTest
  @CsvSource({
    "10.1.0.50, TRY_AGAIN, taken by another",
    "10.1.0.1, INVALID_CONFIG, 10.1.0.1",
    "10.1.0.255, INVALID_CONFIG, 10.1.0.255",
    "192.168.0.1, INVALID_CONFIG, 192.168.0.1",
    "10.1.0.300, INVALID_CONFIG, 10.1.0.300"
  })
  void anAddressThatCannotBeGivenIsRefusedAndNothingIsKept(String ip, Code code, String words) {
    node.container("c2")
        .add(Config.denim(Config.runtime("\"ips\":[\"10.1.0.50/24\"]")))
        .assertAdded();
    List<String> before = node.remains();

    String error =
        container
            .add(Config.denim("\"args\":{\"cni\":{\"ips\":[\"" + ip + "\"]}}"))
            .assertError(code);

    assertThat(error).contains(words);
    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void twoAddressesOfOneSetAreRefused() {
    List<String> before = node.remains();

    assertThat(
            container
                .add(Config.denim(Config.runtime("\"ips\":[\"10.1.0.8/24\",\"10.1.0.9/24\"]")))
                .assertError(Code.INVALID_CONFIG))
        .contains("10.1.0.9");

    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void rangesOfTheRuntimeComeFirst() {
    Answer added =
        container.add(
            Config.bridge(
                "\"bridge\":\"br1\","
                    + Config.subnets("172.16.0.0/24")
                    + ","
                    + Config.runtime("\"ipRanges\":[[{\"subnet\":\"172.18.0.0/24\"}]]")));

    assertThat(added.addresses()).containsExactly("172.18.0.2/24", "172.16.0.2/24");
  }

  @Test
  void theRecordKnowsThePod() {
    container
        .add(
            Config.DENIM,
            "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web-0;K8S_POD_UID=u-1;X=y")
        .assertAdded();

    Attachment attachment = node.attachments().find(container.key()).orElseThrow();
    assertThat(attachment.pod()).isEqualTo(new Attachment.PodName("shop", "web-0", "u-1"));
    assertThat(attachment.netns()).isEqualTo(TestContainer.NETNS);
    node.start();
    assertThat(node.attachments().find(container.key())).contains(attachment);
  }

  @Test
  void theLongestNamesThatAreAllowedHaveARecord() {
    String id = "c".repeat(239);
    TestContainer longest = node.container(id);
    List<String> before = node.remains();
    var ifname = java.util.Map.of("CNI_IFNAME", "n".repeat(15));

    longest.call("ADD", Config.DENIM, ifname).assertAdded();

    node.start();
    assertThat(node.attachments().all()).hasSize(1);
    longest.call("DEL", Config.DENIM, ifname).assertDone();
    assertThat(node.remains()).isEqualTo(before);
  }
}
