package io.denim.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import io.denim.net.InterfaceAddress;
import io.denim.net.MacAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the reference bridge plugin leaves of kubeasz's bootstrap network, made as it makes it. */
class BootstrapBridgeIT {
  private static final String CHAIN = "CNI-5b6f0ac71f4a5b8e0c1d2e3f";
  private static final String OTHER_CHAIN = "CNI-0123456789abcdef01234567";

  @TempDir Path directory;

  private final Namespace node = Namespace.create();
  private final Rtnetlink kernel = Rtnetlink.open(node);
  private Optional<BootstrapBridge> bridge = Optional.empty();

  @BeforeEach
  void opened() {
    bridge =
        Optional.of(new BootstrapBridge(node, List.of(Cidr.parse("10.244.0.0/16")), directory));
  }

  @AfterEach
  void gone() {
    bridge.ifPresent(BootstrapBridge::close);
    kernel.close();
    node.close();
  }

  private Optional<String> clear() {
    return bridge.orElseThrow().clear();
  }

  private int device(String name, LinkKind kind, int master) {
    kernel.execute(
        Links.create(
            Links.Spec.of(name, kind)
                .mac(MacAddress.local(name.hashCode()))
                .master(master)
                .upAtOnce()));
    return kernel.link(name).orElseThrow().index();
  }

  private int mynet0(String address) {
    int index = device("mynet0", new LinkKind.Bridge(), 0);
    kernel.execute(LinkAddress.replace(index, InterfaceAddress.parse(address)));
    return index;
  }

  private void pod(String veth, int master) {
    device(
        veth,
        new LinkKind.VethPair("p" + veth, MacAddress.local(7), 1500, Optional.empty()),
        master);
  }

  private Path reserve(String network, String address) throws IOException {
    Path folder = Files.createDirectories(directory.resolve(network));
    Files.writeString(folder.resolve(address), "c1\r\neth0");
    Files.writeString(folder.resolve("last_reserved_ip.0"), address);
    Files.createFile(folder.resolve("lock"));
    return folder;
  }

  private String run(String... command) {
    return node.call(() -> {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(String.join(" ", command) + ": " + out).isZero();
      return out;
    });
  }

  private void iptables(String chain, String address, String network) {
    String comment = "name: \"" + network + "\" id: \"c1\"";
    run("iptables-nft", "-t", "nat", "-N", chain);
    for (String rule :
        List.of(
            chain + " -d 10.244.0.0/16 -j ACCEPT",
            chain + " ! -d 224.0.0.0/4 -j MASQUERADE",
            "POSTROUTING -s " + address + " -j " + chain)) {
      String[] words = ("iptables-nft -t nat -A " + rule + " -m comment --comment X").split(" ");
      words[words.length - 1] = comment;
      run(words);
    }
  }

  private void nftables(String address, String comment) {
    run(
        "nft",
        """
        add table inet cni_plugins_masquerade
        add chain inet cni_plugins_masquerade masq_checks
        add chain inet cni_plugins_masquerade postrouting { type nat hook postrouting priority 100; }
        add rule inet cni_plugins_masquerade postrouting goto masq_checks
        add rule inet cni_plugins_masquerade masq_checks ip saddr %s ip daddr != 10.244.0.0/16 masquerade comment "%s"
        """
            .formatted(address, comment));
  }

  @Test
  void withoutPodsBridgeReservationsAndRulesGo() throws IOException {
    mynet0("10.244.0.1/16");
    Path reservations = reserve("mynet", "10.244.0.2");
    iptables(CHAIN, "10.244.0.2", "mynet");
    nftables("10.244.0.2", "d23676b4f2d9fe04-0011223344556677, net: mynet, if: eth0, id: c1");

    assertThat(clear()).isEmpty();

    assertThat(kernel.link("mynet0")).isEmpty();
    assertThat(reservations).doesNotExist();
    assertThat(run("iptables-nft-save", "-t", "nat"))
        .contains(":POSTROUTING ACCEPT")
        .doesNotContain("CNI-", "mynet");
    assertThat(run("nft", "list table inet cni_plugins_masquerade"))
        .contains("goto masq_checks")
        .doesNotContain("mynet");
  }

  @Test
  void whatIsOfOtherNetworksStays() throws IOException {
    mynet0("10.244.0.1/16");
    int cni0 = device("cni0", new LinkKind.Bridge(), 0);
    pod("veth1", cni0);
    Path reservations = reserve("mynet2", "10.244.0.2");
    iptables(OTHER_CHAIN, "10.244.0.2", "mynet2");
    nftables("10.244.0.2", "0011223344556677-0011223344556677, net: mynet2, if: eth0, id: c1");
    String before = run("nft", "list ruleset");

    assertThat(clear()).isEmpty();

    assertThat(kernel.links()).extracting(Link::name).contains("cni0", "veth1");
    assertThat(reservations.resolve("10.244.0.2")).exists();
    assertThat(run("nft", "list ruleset")).isEqualTo(before);
  }

  @Test
  void withPodsAllStaysAndTheyAreNamed() throws IOException {
    int index = mynet0("10.244.0.1/16");
    pod("veth1", index);
    pod("veth2", index);
    Path reservations = reserve("mynet", "10.244.0.2");
    iptables(CHAIN, "10.244.0.2", "mynet");

    assertThat(clear())
        .hasValueSatisfying(text ->
            assertThat(text)
                .contains("bridge mynet0", "ports veth1, veth2; addresses 10.244.0.2")
                .endsWith("Denim, which then removes the bridge"));
    assertThat(kernel.link("mynet0")).isPresent();
    assertThat(reservations.resolve("10.244.0.2")).exists();
    assertThat(run("iptables-nft-save", "-t", "nat")).contains(CHAIN);

    kernel.execute(Links.delete(kernel.link("veth1").orElseThrow().index()));
    kernel.execute(Links.delete(kernel.link("veth2").orElseThrow().index()));
    assertThat(clear()).isEmpty();
    assertThat(kernel.link("mynet0")).isEmpty();
    assertThat(reservations).doesNotExist();
  }

  @Test
  void reservationsAndRulesOfABridgeThatIsGoneGoToo() throws IOException {
    Path reservations = reserve("mynet", "10.244.0.2");
    iptables(CHAIN, "10.244.0.2", "mynet");
    assertThat(clear()).isEmpty();
    assertThat(reservations).doesNotExist();
    assertThat(run("iptables-nft-save", "-t", "nat")).doesNotContain(CHAIN);
  }

  @Test
  void anotherBridgeOfThatNameIsLeftWithAllThatIsIts() throws IOException {
    mynet0("10.10.0.1/24");
    Path reservations = reserve("mynet", "10.10.0.2");
    iptables(CHAIN, "10.10.0.2", "mynet");
    assertThat(clear()).isEmpty();
    assertThat(kernel.link("mynet0")).isPresent();
    assertThat(reservations.resolve("10.10.0.2")).exists();
    assertThat(run("iptables-nft-save", "-t", "nat")).contains(CHAIN);
  }

  @Test
  void aDeviceThatIsNoBridgeIsLeft() {
    int index =
        device(
            "mynet0", new LinkKind.VethPair("p0", MacAddress.local(7), 1500, Optional.empty()), 0);
    kernel.execute(LinkAddress.replace(index, InterfaceAddress.parse("10.244.0.1/16")));
    assertThat(clear()).isEmpty();
    assertThat(kernel.link("mynet0")).isPresent();
  }

  @Test
  void whatCannotBeDeletedIsToldAndTheBridgeStaysAsItsMark() throws IOException {
    mynet0("10.244.0.1/16");
    Path inTheWay = Files.createDirectories(directory.resolve("mynet/folder/in-the-way"));
    assertThat(clear())
        .hasValue(
            "cannot remove " + directory.resolve("mynet") + " of kubeasz: directory not empty");
    assertThat(kernel.link("mynet0")).isPresent();
    Files.delete(inTheWay);
    assertThat(clear()).isEmpty();
    assertThat(kernel.link("mynet0")).isEmpty();
  }

  @Test
  void theKeeperRemovesItOnceTheLastPodIsGoneUnlessSomebodyConfiguresANetworkOfThatName()
      throws IOException {
    int index = mynet0("10.244.0.1/16");
    pod("veth1", index);
    Path conf = Files.createDirectories(directory.resolve("net.d"));
    Files.writeString(conf.resolve("10-default.conf"), ConfFileTest.BOOTSTRAP);
    Duration soon = Duration.ofMillis(50);
    try (ConflistKeeper keeper =
        ConflistKeeper.start(
            new CniFolders(Optional.of(conf), Optional.empty(), directory),
            () -> new byte[0],
            node,
            List.of(Cidr.parse("10.244.0.0/16")),
            InstantSource.system(),
            new ConflistKeeper.Pace(soon, soon, soon, soon, soon))) {
      assertThat(conf.resolve("10-default.conf")).doesNotExist();
      Awaitility.await()
          .untilAsserted(() ->
              assertThat(keeper.problems()).singleElement().asString().contains("ports veth1"));

      Files.writeString(conf.resolve("20-own.conf"), "{\"name\":\"mynet\",\"type\":\"bridge\"}");
      Awaitility.await().until(() -> keeper.problems().isEmpty());
      kernel.execute(Links.delete(kernel.link("veth1").orElseThrow().index()));
      Awaitility.await()
          .during(Duration.ofMillis(300))
          .until(() -> kernel.link("mynet0").isPresent());

      Files.delete(conf.resolve("20-own.conf"));
      Awaitility.await().until(() -> kernel.link("mynet0").isEmpty());
      assertThat(keeper.problems()).isEmpty();
    }
  }
}
