package io.denim.attach;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.cni.CniException.Code;
import io.denim.cni.CniVersion;
import io.denim.linux.Descriptor;
import io.denim.linux.Errno;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.net.MacAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the specification says of ADD, DEL and VERSION, and of versions; each line a test. */
class ChecklistIT {
  private static final String PORTS =
      Config.denim(
          Config.runtime(
              """
              "portMappings":[{"hostPort":8080,"containerPort":80,"protocol":"tcp"}]
              """));

  private static final String OF_NODE =
      """
      {"name":"cni0","mac":"02:00:00:00:00:01"},{"name":"vethd72e032f","mac":"VETH"},\
      {"name":"eth0","mac":"0a:58:0a:01:00:02","sandbox":"/var/run/netns/test"}\
      """;

  private static final String ROUTES =
      """
      "routes":[{"dst":"0.0.0.0/0","gw":"10.1.0.1"},{"dst":"::/0","gw":"fd00:1::1"}]\
      """;

  private static final String FAMILIES =
      """
      "ip4":{"ip":"10.1.0.2/24","gateway":"10.1.0.1",\
      "routes":[{"dst":"0.0.0.0/0","gw":"10.1.0.1"}]},\
      "ip6":{"ip":"fd00:1::2/64","gateway":"fd00:1::1",\
      "routes":[{"dst":"::/0","gw":"fd00:1::1"}]},"dns":{}}\
      """;

  private static final String WITH_IP_VERSIONS =
      "\"interfaces\":["
          + OF_NODE
          + "],"
          + """
          "ips":[{"version":"4","interface":2,"address":"10.1.0.2/24","gateway":"10.1.0.1"},\
          {"version":"6","interface":2,"address":"fd00:1::2/64","gateway":"fd00:1::1"}],\
          """
          + ROUTES
          + ",\"dns\":{}}";

  private static final String WITHOUT_IP_VERSIONS =
      WITH_IP_VERSIONS
          .replace("\"version\":\"4\",", "")
          .replace("\"version\":\"6\",", "")
          .replace(",\"dns\":{}", "");

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

  private static String golden(CniVersion version) {
    String body =
        switch (version) {
          case V0_1_0, V0_2_0 -> FAMILIES;
          case V0_3_0, V0_3_1, V0_4_0 -> WITH_IP_VERSIONS;
          case V1_0_0 -> WITHOUT_IP_VERSIONS;
          case V1_1_0 ->
              WITHOUT_IP_VERSIONS
                  .replace("02:00:00:00:00:01\"", "02:00:00:00:00:01\",\"mtu\":1450")
                  .replace("VETH\"", "VETH\",\"mtu\":1450")
                  .replace("0a:58:0a:01:00:02\"", "0a:58:0a:01:00:02\",\"mtu\":1450");
        };
    return "{\"cniVersion\":\"" + version.text() + "\"," + body;
  }

  @ParameterizedTest
  @EnumSource
  void theResultOfAnAddIsWrittenInTheVersionOfItsConfiguration(CniVersion version) {
    Answer added = container.add(Config.of(version.text(), "denim-cni", ""));

    String veth = node.link("vethd72e032f").mac().orElseThrow().toString();
    assertThat(added).isEqualTo(new Answer(0, golden(version).replace("VETH", veth)));
    assertThat(container.addresses("eth0"))
        .containsExactlyInAnyOrder("10.1.0.2/24", "fd00:1::2/64");
  }

  @Test
  void aConfigurationWithoutVersionIsOfTheFirst() {
    Answer added = container.add("{\"name\":\"pods\",\"type\":\"denim-cni\"}");

    assertThat(added).isEqualTo(new Answer(0, golden(CniVersion.V0_1_0)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ADD", "CHECK", "DEL", "GC", "STATUS"})
  void aVersionThatNobodyKnowsIsRefusedWithCode1(String verb) {
    Answer answer = container.call(verb, Config.of("1.2.0", "denim-cni", ""), Map.of());

    assertThat(answer.assertError(Code.INCOMPATIBLE_VERSION))
        .contains("\"1.2.0\"")
        .contains("allowed are 0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0");
  }

  @ParameterizedTest
  @CsvSource({
    "CHECK, 0.1.0",
    "CHECK, 0.2.0",
    "CHECK, 0.3.0",
    "CHECK, 0.3.1",
    "GC, 0.1.0",
    "GC, 0.4.0",
    "GC, 1.0.0",
    "STATUS, 0.2.0",
    "STATUS, 0.3.1",
    "STATUS, 1.0.0"
  })
  void aVerbThatIsYoungerThanTheVersionIsRefusedWithCode1(String verb, String version) {
    Answer answer = container.call(verb, Config.of(version, "denim-cni", ""), Map.of());

    assertThat(answer.assertError(Code.INCOMPATIBLE_VERSION)).contains(verb).contains(version);
    assertThat(answer.json().get("cniVersion").asString()).isEqualTo(version);
  }

  @Test
  void versionTellsAllVersions() {
    Answer answer = node.call("VERSION", "{\"cniVersion\":\"1.0.0\"}");

    assertThat(answer.exitCode()).isZero();
    assertThat(answer.json().get("cniVersion").asString()).isEqualTo("1.1.0");
    assertThat(answer.json().get("supportedVersions").toString())
        .isEqualTo("[\"0.1.0\",\"0.2.0\",\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]");
  }

  @Test
  void anInterfaceThatIsThereAlreadyIsAnErrorAndStays() {
    try (Rtnetlink inside = container.kernel()) {
      inside.execute(
          Links.create(Links.Spec.of("eth0", new LinkKind.Bridge()).mac(MacAddress.local(9))));
    }
    List<String> before = node.remains();

    String error = container.add(Config.DENIM).assertError(Code.ALREADY_ATTACHED);

    assertThat(error).contains("CNI_IFNAME").contains("\"eth0\"").contains("c1");
    assertThat(container.eth0().kind()).isEqualTo(new LinkKind.Bridge());
    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void aSecondAddWithoutDelIsAnErrorAndTheFirstStays() {
    Answer first = container.add(Config.DENIM);
    List<String> before = node.remains();

    String error = container.add(Config.DENIM).assertError(Code.ALREADY_ATTACHED);

    assertThat(error).contains("eth0 of container c1").contains("DEL");
    assertThat(node.remains()).isEqualTo(before);
    container.check(Config.DENIM, first).assertDone();
  }

  @Test
  void anAddAfterADelIsAsTheFirst() {
    container.add(Config.DENIM).assertAdded();
    container.del(Config.DENIM).assertDone();

    Answer again = container.add(Config.DENIM);

    assertThat(again.addresses()).containsExactly("10.1.0.3/24", "fd00:1::3/64");
    container.check(Config.DENIM, again).assertDone();
  }

  @Test
  void anAddThatFailsLeavesNothing() {
    List<String> before = node.remains();

    container
        .add(Config.denim("\"args\":{\"cni\":{\"ips\":[\"172.16.0.1\"]}}"))
        .assertError(Code.INVALID_CONFIG);

    assertThat(node.remains()).isEqualTo(before);
    container.add(Config.DENIM).assertAdded();
  }

  @Test
  void anAddNeedsANamespaceThatCanBeOpened() {
    String lost =
        container
            .callWithLostNamespace("ADD", Config.DENIM, Errno.ENOENT)
            .assertError(Code.UNKNOWN_CONTAINER);
    String forbidden =
        container
            .callWithLostNamespace("ADD", Config.DENIM, Errno.EPERM)
            .assertError(Code.INVALID_NAMESPACE);

    assertThat(lost).contains("CNI_NETNS").contains(TestContainer.NETNS).contains("ENOENT");
    assertThat(forbidden).contains("EPERM");
  }

  @Test
  void theNodesOwnNamespaceIsRefusedUnlessATestAsksForIt() {
    Map<String, String> variables =
        Map.of(
            "CNI_COMMAND", "ADD",
            "CNI_CONTAINERID", "c9",
            "CNI_NETNS", "/proc/1/ns/net",
            "CNI_IFNAME", "eth0");
    Map<String, String> override = new java.util.HashMap<>(variables);
    override.put("CNI_NETNS_OVERRIDE", "1");

    Answer refused = node.call(variables, Config.DENIM, Optional.of(node.namespace));
    Answer added = node.call(override, Config.bridge(""), Optional.of(node.namespace));

    assertThat(refused.assertError(Code.INVALID_NAMESPACE)).contains("node's own");
    added.assertAdded();
    assertThat(node.link("eth0").up()).isTrue();
  }

  @Test
  void aDescriptorOfSomethingElseIsRefusedWithCode8() {
    int fd = io.denim.linux.ns.Namespace.open(Path.of("/dev/null")).fd();

    Answer answer =
        Answer.of(
            node.plugin()
                .answer(
                    TestNode.payload(
                        Map.of(
                            "CNI_COMMAND", "ADD",
                            "CNI_CONTAINERID", "c",
                            "CNI_NETNS", "/dev/null",
                            "CNI_IFNAME", "eth0"),
                        Config.DENIM),
                    List.of(Descriptor.of(fd))));

    assertThat(answer.assertError(Code.INVALID_NAMESPACE)).contains("CNI_NETNS");
  }

  @Test
  void delTakesEverythingAway() {
    List<String> before = node.remains();
    container.add(PORTS).assertAdded();
    assertThat(node.remains()).hasSizeGreaterThan(before.size());

    container.del(PORTS).assertDone();

    assertThat(node.remains()).isEqualTo(before);
    assertThat(container.link("eth0")).isEmpty();
  }

  @Test
  void delMayBeRepeated() {
    container.add(PORTS).assertAdded();

    for (int i = 0; i < 3; i++) {
      container.del(PORTS).assertDone();
    }

    assertThat(node.addressFiles(Config.NETWORK)).isEmpty();
  }

  @Test
  void delOfAContainerThatWasNeverAddedSucceeds() {
    List<String> before = node.remains();

    container.del(Config.DENIM).assertDone();
    container.delWithoutNamespace(Config.DENIM).assertDone();
    container.callWithLostNamespace("DEL", Config.DENIM, Errno.ENOENT).assertDone();

    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void delOfAnInterfaceThatIsGoneFreesTheRest() {
    List<String> before = node.remains();
    container.add(PORTS).assertAdded();
    try (Rtnetlink inside = container.kernel()) {
      inside.execute(Links.delete(container.eth0().index()));
    }

    container.del(PORTS).assertDone();

    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void delWithoutNamespaceFreesAddressPortAndVeth() {
    List<String> before = node.remains();
    container.add(PORTS).assertAdded();

    container.delWithoutNamespace(PORTS).assertDone();

    assertThat(node.remains()).isEqualTo(before);
    assertThat(container.link("eth0")).isEmpty();
  }

  @Test
  void delWhenTheFileOfTheNamespaceIsGoneFreesAll() {
    List<String> before = node.remains();
    container.add(PORTS).assertAdded();

    container.callWithLostNamespace("DEL", PORTS, Errno.ENOENT).assertDone();

    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void delWhenTheRecordIsGoneFreesAddressAndVeth() throws Exception {
    List<String> before = node.remains();
    container.add(PORTS).assertAdded();
    Files.delete(node.folders.records().resolve("c1:eth0"));
    node.start();

    container.delWithoutNamespace(PORTS).assertDone();

    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void delWhenTheReservationIsGoneTakesTheRestAway() throws Exception {
    List<String> before = node.remains();
    container.add(PORTS).assertAdded();
    Files.delete(node.folders.addresses().resolve("pods/10.1.0.2"));
    Files.delete(node.folders.addresses().resolve("pods/fd00:1::2"));

    container.del(PORTS).assertDone();

    assertThat(node.remains()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "garbage",
        "{",
        "[]",
        "{}",
        "{\"cniVersion\":\"9.0.0\",\"name\":\"pods\",\"type\":\"denim-cni\"}",
        "{\"cniVersion\":\"1.1.0\",\"name\":\"pods\",\"type\":\"denim-cni\",\"mtu\":\"x\"}",
        "{\"cniVersion\":\"1.1.0\",\"name\":\"pods\",\"type\":\"calico\"}",
        "{\"cniVersion\":\"1.1.0\",\"name\":\"other\",\"type\":\"bridge\",\"vlan\":7}"
      })
  void delOfAContainerThatIsKnownNeedsNoConfiguration(String config) {
    List<String> before = node.remains();
    container.add(PORTS).assertAdded();

    container.del(config).assertDone();

    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void delByAnotherConfigurationThanTheAddsFreesWhatTheAddTook() {
    List<String> before = node.remains();
    container.add(PORTS).assertAdded();

    container
        .del(Config.named("renamed", Config.bridge(Config.subnets("172.16.0.0/24"))))
        .assertDone();

    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void delNeedsNoPreviousResultAndIgnoresAWrongOne() {
    List<String> before = node.remains();
    Answer added = container.add(PORTS);

    container.del(added.behind(PORTS).replace("10.1.0.2/24", "1.2.3.4/8")).assertDone();

    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void whatIsNoConfigurationIsRefusedForAContainerThatNobodyKnows() {
    container.del("garbage").assertError(Code.DECODING_FAILURE);
    container.add("garbage").assertError(Code.DECODING_FAILURE);
    container.add(Config.of("1.1.0", "calico", "")).assertError(Code.INVALID_CONFIG);
    container.add(Config.denim("\"vlan\":7")).assertError(Code.UNSUPPORTED_FIELD);
    container
        .call("ADD", Config.DENIM, Map.of("CNI_IFNAME", "a/b"))
        .assertError(Code.INVALID_ENVIRONMENT);
    container.add(Config.DENIM, "what").assertError(Code.INVALID_ENVIRONMENT);
  }

  @Test
  void theResultOfThePluginBeforeIsHandedOnWithWhatIsAdded() {
    String before =
        """
        {"cniVersion":"1.1.0","interfaces":[{"name":"net0","sandbox":"/var/run/netns/test"}],\
        "ips":[{"interface":0,"address":"172.16.0.2/24"}],\
        "routes":[{"dst":"172.17.0.0/16","gw":"172.16.0.1"}],"dns":{"domain":"before"}}\
        """;

    Answer added = container.add(Config.denim("\"prevResult\":" + before));

    assertThat(added.addresses()).containsExactly("172.16.0.2/24", "10.1.0.2/24", "fd00:1::2/64");
    assertThat(added.json().get("interfaces").get(3).get("name").asString()).isEqualTo("eth0");
    assertThat(added.json().get("ips").get(1).get("interface").asInt()).isEqualTo(3);
    assertThat(added.json().get("routes").get(0).get("dst").asString()).isEqualTo("172.17.0.0/16");
    assertThat(added.json().get("dns").get("domain").asString()).isEqualTo("before");
  }

  @Test
  void containersAreIndependentOfEachOther() {
    TestContainer other = node.container("c2");
    Answer first = container.add(PORTS);
    other.add(Config.DENIM).assertAdded();

    other.del(Config.DENIM).assertDone();

    container.check(PORTS, first).assertDone();
  }

  @Test
  void theLoopbackPluginSetsTheDeviceUpAndDown() {
    Map<String, String> lo = Map.of("CNI_IFNAME", "lo");
    String config = Config.of("0.3.1", "loopback", "");

    Answer added = container.call("ADD", config, lo);

    assertThat(container.link("lo").orElseThrow().up()).isTrue();
    assertThat(added.addresses()).containsExactlyInAnyOrder("127.0.0.1/8", "::1/128");
    String checked = added.behind(Config.of("1.1.0", "loopback", ""));
    container.call("CHECK", checked, lo).assertDone();
    container.call("DEL", config, lo).assertDone();
    assertThat(container.link("lo").orElseThrow().up()).isFalse();
    assertThat(container.call("CHECK", checked, lo).assertError(Code.CHECK_FAILED))
        .contains("loopback");
    container.delWithoutNamespace(config).assertDone();
  }
}
