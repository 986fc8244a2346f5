package io.denim.attach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.denim.cni.CniException.Code;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Qdisc;
import io.denim.linux.netlink.Route;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
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

/** The plugins portmap and bandwidth behind another plugin, and behind Denim's own. */
class ChainedPluginIT {
  private static final String PORTS =
      "\"portMappings\":[{\"hostPort\":8080,\"containerPort\":80,\"protocol\":\"tcp\"}]";
  private static final String LIMITS =
      """
      "bandwidth":{"ingressRate":8000000,"ingressBurst":800000,\
      "egressRate":8000000,"egressBurst":800000}\
      """;
  private static final String PORTMAP = Config.of("1.1.0", "portmap", Config.runtime(PORTS));
  private static final String BANDWIDTH = Config.of("1.1.0", "bandwidth", Config.runtime(LIMITS));

  /** What another plugin says that it has made. */
  private static final Answer FOREIGN =
      new Answer(
          0,
          """
          {"cniVersion":"1.1.0","interfaces":[{"name":"theirs0"},{"name":"their1"},\
          {"name":"eth0","mac":"02:00:00:00:00:22","sandbox":"/var/run/netns/test"}],\
          "ips":[{"interface":2,"address":"10.9.0.2/24","gateway":"10.9.0.1"}],\
          "routes":[{"dst":"0.0.0.0/0","gw":"10.9.0.1"}],"dns":{"domain":"theirs"}}\
          """);

  @TempDir Path directory;

  private TestNode node;
  private TestContainer container;

  @BeforeEach
  void open() {
    node = new TestNode(directory, "10.1.0.0/24");
    container = node.container("c1");
  }

  @AfterEach
  void close() {
    node.close();
  }

  /** Attaches the container to a bridge of its own, as another plugin would. */
  private void attachForeign() {
    node.kernel.execute(
        Links.create(
            Links.Spec.of("theirs0", new LinkKind.Bridge())
                .mac(MacAddress.local(0x20))
                .upAtOnce()));
    TestNode.address(node.kernel, "theirs0", "10.9.0.1/24");
    node.kernel.execute(
        Links.create(
            Links.Spec.of(
                    "their1",
                    new LinkKind.VethPair(
                        "eth0", MacAddress.local(0x22), 1500, Optional.of(container.namespace)))
                .mac(MacAddress.local(0x21))
                .mtu(1500)
                .master(node.link("theirs0").index())
                .upAtOnce()));
    node.kernel.execute(Links.hairpin(node.link("their1").index(), true));
    try (Rtnetlink inside = container.kernel()) {
      TestNode.address(inside, "eth0", "10.9.0.2/24");
      int device = container.eth0().index();
      inside.execute(Links.up(device));
      inside.execute(
          Route.via(Cidr.ALL_V4, IpAddress.parse("10.9.0.1"), device, false, Route.RTPROT_BOOT)
              .replace());
    }
    TestNode.up(container.namespace, "lo");
    Talk.answerTcp(node, container.namespace, 80, "c1");
  }

  private Answer add(String config, Answer before) {
    return container.call("ADD", before.behind(config), Map.of());
  }

  private List<Qdisc.Kind> qdiscs(String device) {
    return node.kernel.qdiscs(node.link(device).index()).stream().map(Qdisc::kind).toList();
  }

  @Test
  void portsLeadToAnInterfaceThatAnotherPluginMade() {
    attachForeign();

    Answer added = add(PORTMAP, FOREIGN);

    assertThat(added.json()).isEqualTo(FOREIGN.json());
    assertThat(Talk.tcp(node.outside, "192.0.2.1", 8080)).isEqualTo("c1 192.0.2.2");
    assertThat(Talk.tcp(node.namespace, "192.0.2.1", 8080)).startsWith("c1 ");
    assertThat(Talk.tcp(node.namespace, "127.0.0.1", 8080)).isEqualTo("c1 10.9.0.1");
    assertThat(Talk.tcp(container.namespace, "192.0.2.1", 8080)).isEqualTo("c1 10.9.0.1");
    container.check(PORTMAP, added).assertDone();
  }

  @Test
  void withoutSnatOnlyTheOutsideReachesThem() {
    attachForeign();

    add(PORTMAP.replace("\"runtime", "\"snat\":false,\"runtime"), FOREIGN).assertAdded();

    assertThat(Talk.tcp(node.outside, "192.0.2.1", 8080)).isEqualTo("c1 192.0.2.2");
    assertThat(Talk.tcpInVain(container.namespace, "192.0.2.1", 8080)).contains("Exception");
    assertThat(node.elements()).hasSize(1);
  }

  @Test
  void aDelTakesThePortsAwayAndLeavesTheInterface() {
    attachForeign();
    List<String> before = node.remains();
    add(PORTMAP, FOREIGN).assertAdded();

    container.del(PORTMAP).assertDone();
    container.del(PORTMAP).assertDone();

    assertThat(node.remains()).isEqualTo(before);
    assertThat(Talk.tcp(node.namespace, "10.9.0.2", 80)).startsWith("c1 ");
  }

  @Test
  void aMissingRuleIsFoundByCheck() {
    attachForeign();
    Answer added = add(PORTMAP, FOREIGN);
    TestNode.run(node.namespace, "nft", "flush", "map", "inet", RuleSet.TABLE, "ports4");

    assertThat(container.check(PORTMAP, added).assertError(Code.CHECK_FAILED)).contains("ports4");
  }

  @Test
  void thePortsOfAForeignInterfaceOutliveTheAgent() {
    attachForeign();
    Answer added = add(PORTMAP, FOREIGN);
    List<String> before = node.remains();

    node.start();

    assertThat(node.remains()).isEqualTo(before);
    container.check(PORTMAP, added).assertDone();
    container.delWithoutNamespace(PORTMAP).assertDone();
    assertThat(node.elements()).isEmpty();
  }

  @Test
  void portsBehindDenimsOwnInterfaceGoWithEitherDel() {
    List<String> before = node.remains();
    Answer first = container.add(Config.DENIM);
    Talk.answerTcp(node, container.namespace, 80, "c1");

    Answer second = add(PORTMAP, first);

    assertThat(second.json()).isEqualTo(first.json());
    assertThat(Talk.tcp(node.outside, "192.0.2.1", 8080)).startsWith("c1 ");
    assertThat(Talk.tcp(node.namespace, "127.0.0.1", 8080)).startsWith("c1 ");
    assertThat(Talk.tcp(container.namespace, "192.0.2.1", 8080)).startsWith("c1 ");
    container.del(PORTMAP).assertDone();
    assertThat(Talk.tcp(node.outside, "192.0.2.1", 8080)).contains("refused");
    container.check(Config.DENIM, second).assertDone();
    add(PORTMAP, first).assertAdded();
    container.del(Config.DENIM).assertDone();
    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void aPortThatIsTakenIsRefusedAndTheInterfaceStaysAsItIs() {
    Answer first = container.add(Config.DENIM);
    TestContainer other = node.container("c2");
    other.add(Config.denim(Config.runtime(PORTS))).assertAdded();
    List<String> before = node.remains();

    assertThat(add(PORTMAP, first).assertError(Code.TRY_AGAIN)).contains("c2");

    assertThat(node.remains()).isEqualTo(before);
    container.check(Config.DENIM, first).assertDone();
  }

  @Test
  void aPortThatIsTakenLeavesNothingOfAForeignInterface() {
    attachForeign();
    node.container("c2").add(Config.denim(Config.runtime(PORTS))).assertAdded();
    List<String> before = node.remains();

    add(PORTMAP, FOREIGN).assertError(Code.TRY_AGAIN);

    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void aDelThatHadToWaitTakesAwayWhatAllChainedPluginsAdded() throws Exception {
    attachForeign();
    List<String> before = node.remains();
    add(PORTMAP, FOREIGN);
    add(BANDWIDTH, FOREIGN);
    Files.createDirectories(node.folders.journal());
    Files.write(node.folders.journal().resolve("c1:eth0"), container.journalEntry(PORTMAP));

    node.plugin().replay();

    await().untilAsserted(() -> assertThat(node.remains()).isEqualTo(before));
  }

  @Test
  void aConfigurationThatAddRefusesIsNoObstacleToDel() {
    container.del(Config.denim("\"vlan\":100")).assertDone();
    container.del(PORTMAP.replace("\"runtime", "\"masqAll\":true,\"runtime")).assertDone();
  }

  @Test
  void masqueradingOfAllIsRefused() {
    attachForeign();

    String config = PORTMAP.replace("\"runtime", "\"masqAll\":true,\"runtime");

    assertThat(add(config, FOREIGN).assertError(Code.UNSUPPORTED_FIELD)).contains("masqAll");
  }

  @Test
  void withoutAResultThereIsNothingToAddTo() {
    for (String config : List.of(PORTMAP, BANDWIDTH)) {
      assertThat(container.add(config).assertError(Code.INVALID_CONFIG))
          .contains("prevResult is missing");
    }
  }

  @Test
  void whatAsksForNothingChangesNothing() {
    attachForeign();
    List<String> before = node.remains();

    Answer ports = add(Config.of("1.1.0", "portmap", ""), FOREIGN);
    Answer limits = add(Config.of("1.1.0", "bandwidth", ""), FOREIGN);

    assertThat(ports.json()).isEqualTo(FOREIGN.json());
    assertThat(limits.json()).isEqualTo(FOREIGN.json());
    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void limitsAreSetOnAnInterfaceThatAnotherPluginMade() {
    attachForeign();
    List<String> before = node.remains();

    Answer added = add(BANDWIDTH, FOREIGN);

    assertThat(added.json()).isEqualTo(FOREIGN.json());
    assertThat(qdiscs("their1")).hasAtLeastOneElementOfType(Qdisc.Tbf.class);
    assertThat(node.remains()).anyMatch(line -> line.startsWith("link bwp"));
    container.check(BANDWIDTH, added).assertDone();
    container.del(BANDWIDTH).assertDone();
    container.del(BANDWIDTH).assertDone();
    assertThat(qdiscs("their1")).containsExactly(new Qdisc.Other("noqueue"));
    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void limitsBehindDenimsOwnInterfaceGoWithEitherDel() {
    List<String> before = node.remains();
    Answer first = container.add(Config.DENIM);
    List<String> attached = node.remains();

    Answer limited = add(BANDWIDTH, add(PORTMAP, first));

    assertThat(qdiscs(first.hostDevice())).hasAtLeastOneElementOfType(Qdisc.Tbf.class);
    container.check(BANDWIDTH, limited).assertDone();
    container.del(BANDWIDTH).assertDone();
    assertThat(qdiscs(first.hostDevice())).containsExactly(new Qdisc.Other("noqueue"));
    container.del(PORTMAP).assertDone();
    assertThat(node.remains()).isEqualTo(attached);
    container.check(Config.DENIM, first).assertDone();
    container.del(Config.DENIM).assertDone();
    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void limitsNeedAVethOnTheNode() {
    Answer elsewhere = new Answer(0, FOREIGN.out().replace("their1", "up9"));

    assertThat(add(BANDWIDTH, elsewhere).assertError(Code.INVALID_CONFIG))
        .contains("prevResult.interfaces has no veth");
  }
}
