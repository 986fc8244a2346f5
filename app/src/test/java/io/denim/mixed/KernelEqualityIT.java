package io.denim.mixed;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.lab.AgentKind;
import io.denim.lab.FlannelOption;
import io.denim.lab.Lab;
import io.denim.lab.LabBuilder;
import io.denim.lab.LabConfig;
import io.denim.lab.LabStore;
import io.denim.lab.TestPrograms;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.net.MacAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * flanneld and Denim on the same node, one after the other, each beginning with nothing in the
 * kernel, and given the same: configuration, subnet, public address and three peers, two of them
 * neighbours and one behind a router. What each then has in the kernel, in its file and in the
 * store is compared, attribute by attribute.
 */
class KernelEqualityIT {
  private static final String NODE = "n1";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final List<Integer> PEERS = List.of(50, 51, 52);
  private static final int BEHIND_ROUTER = 52;

  @TempDir Path directory;

  /**
   * A difference that is meant.
   *
   * @param what a regular expression for the whole name of the attribute
   * @param why the reason
   */
  record Meant(String what, String why) {
    boolean explains(String attribute) {
      return Pattern.matches(what, attribute);
    }
  }

  private static final String TO_PEER = "route main (10\\.244|fd00:10:244:)\\S+ by \\S+ ";

  private static final List<Meant> MEANT =
      List.of(
          new Meant(".*\\bcni0\\b.*", "the bridge is there before the first pod"),
          new Meant(
              TO_PEER + "(nh_info )?protocol", "68 tells Denim's routes from those of others"),
          new Meant(
              TO_PEER + "(nhid|nh_info .*)",
              "plain routes into an IPv4 tunnel cost the kernel a search that grows with the square"
                  + " of their number, routes by nexthop objects do not"),
          new Meant(
              "link flannel\\S* txqlen",
              "a vxlan device has no queue, so the kernel's own default says nothing"),
          new Meant(
              "(link|parameter ipv6/conf/)\\W?flannel-v6\\.1[ /]mtu",
              "IPv6 and VXLAN take 70 octets of a packet, not 50"),
          new Meant(
              "parameter ipv[46]/(ip_forward|conf/[^/]+/(forwarding|accept_redirects))",
              "a node with pods forwards; beside flanneld the bridge plugin or the installer says"
                  + " so, and the kernel lets other parameters follow"),
          new Meant(
              "route local (fd01|fe80):: by \\S+ .*",
              "a host that forwards answers for its subnets' anycast address (RFC 4291, 2.6.1)"),
          new Meant(
              "parameter ipv6/conf/eth0/accept_ra",
              "a host that forwards ignores router advertisements unless told 2"),
          new Meant(
              "address flannel-v6\\.1 \\S+ nodad",
              "nobody else has an address of the node's own subnet, and to look takes seconds"),
          new Meant("file FLANNEL_MTU", "as above: the smaller one of both families"));

  private static LabBuilder node(LabStore store) {
    return LabConfig.nodes(1)
        .subnets("10.1.0.0/24")
        .podsPerNode(0)
        .netConf("EnableNFTables", true)
        .agent(AgentKind.FLANNELD)
        .store(store);
  }

  private static LabBuilder dual(LabBuilder builder) {
    return builder.subnets6("fd01::/64").dualStack();
  }

  @Test
  void byEtcd() {
    compareAll(node(new LabStore.Etcd()));
  }

  @Test
  void byEtcdInBothFamilies() {
    compareAll(dual(node(new LabStore.Etcd())));
  }

  @Test
  void byKubernetes() {
    compareAll(node(new LabStore.Kubernetes(false, false)));
  }

  @Test
  void byKubernetesInBothFamilies() {
    compareAll(dual(node(new LabStore.Kubernetes(false, false))));
  }

  private void compareAll(LabBuilder builder) {
    LabConfig first = builder.flannel("vxlan").build();
    try (Lab lab = Lab.start(first, directory, TestPrograms.find(), line -> {})) {
      compare(lab, first);
      compare(lab, builder.flannel("vxlan", FlannelOption.DIRECT_ROUTING).build());
      compare(lab, builder.flannel("host-gw").build());
    }
  }

  private static void compare(Lab lab, LabConfig wanted) {
    Blank.lab(lab);
    lab.configure(wanted.netConf());
    var peers = new WrittenPeers(lab, wanted);
    PEERS.forEach(number -> peers.write(number, number == BEHIND_ROUTER));

    Map<String, String> flannels = run(lab, wanted, AgentKind.FLANNELD);
    lab.stopAgent(NODE);
    Blank.node(lab, NODE);
    Map<String, String> denims = run(lab, wanted, AgentKind.DENIM);

    assertThat(flannels)
        .containsKeys(
            "link eth0 mtu",
            "parameter ipv4/ip_forward",
            "route main 10.244.50.0/24 by " + device(wanted) + " gateway",
            "file FLANNEL_SUBNET");
    Set<String> names = new TreeSet<>(flannels.keySet());
    names.addAll(denims.keySet());
    List<String> unexplained =
        names.stream()
            .filter(name -> !Objects.equals(flannels.get(name), denims.get(name)))
            .filter(name -> MEANT.stream().noneMatch(meant -> meant.explains(name)))
            .map(name -> name + ": flanneld " + flannels.get(name) + ", Denim " + denims.get(name))
            .toList();
    assertThat(unexplained).as(wanted.netConf()).isEmpty();
  }

  private static String device(LabConfig wanted) {
    return wanted.netConf().contains("DirectRouting") || wanted.netConf().contains("host-gw")
        ? "eth0"
        : "flannel.1";
  }

  /** What there is when this agent has done its work. */
  private static Map<String, String> run(Lab lab, LabConfig wanted, AgentKind kind) {
    lab.startAgent(NODE, kind);
    lab.awaitReady(NODE);
    boolean all = !wanted.netConf().contains("host-gw");
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> isDone(KernelObjects.of(lab, NODE), lab, all ? 3 : 2));
    Map<String, String> found = new TreeMap<>(KernelObjects.of(lab, NODE));
    found.putAll(file(lab));
    found.putAll(Records.of(lab));
    return lab.config().store() instanceof LabStore.Etcd ? withoutOwnMacs(lab, found) : found;
  }

  /** Routes come last, and then the kernel looks whether others have the links' own addresses. */
  private static boolean isDone(Map<String, String> objects, Lab lab, int peers) {
    boolean dual = lab.config().netConf().contains("IPv6Network");
    long routes =
        objects.keySet().stream()
            .filter(name -> Pattern.matches(TO_PEER + "gateway", name))
            .count();
    return routes == (dual ? 2L * peers : peers)
        && objects.keySet().stream().noneMatch(name -> name.endsWith(" tentative"));
  }

  private static Map<String, String> file(Lab lab) {
    Map<String, String> lines = new TreeMap<>();
    try {
      List<String> read = Files.readAllLines(lab.machine(NODE).at("/run/flannel/subnet.env"));
      for (String line : read) {
        String[] parts = line.split("=", 2);
        lines.put("file " + parts[0], parts[1]);
      }
      lines.put(
          "file order", String.join(" ", read.stream().map(l -> l.split("=", 2)[0]).toList()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lines;
  }

  /**
   * In etcd mode neither takes a hardware address from its record: a device that is made anew has a
   * new one, and a link-local address that follows from it (RFC 4291, appendix A).
   */
  private static Map<String, String> withoutOwnMacs(Lab lab, Map<String, String> found) {
    Map<String, String> same = new TreeMap<>(found);
    try (Rtnetlink kernel = Rtnetlink.open(lab.namespace(NODE))) {
      for (String device : List.of("flannel.1", "flannel-v6.1")) {
        Optional<MacAddress> mac = kernel.link(device).flatMap(Link::mac);
        mac.ifPresent(own -> {
          Map<String, String> before = Map.copyOf(same);
          same.clear();
          before.forEach(
              (name, value) -> same.put(neutral(name, own, device), neutral(value, own, device)));
        });
      }
    }
    return same;
  }

  private static String neutral(String text, MacAddress own, String device) {
    return text.replace(own.toString(), "the MAC of " + device)
        .replace(linkLocal(own), "the link-local address of " + device);
  }

  private static String linkLocal(MacAddress mac) {
    String[] octets = mac.toString().split(":");
    int first = Integer.parseInt(octets[0], 16) ^ 2;
    return "fe80::%x:%x:%x:%x"
        .formatted(
            first << 8 | Integer.parseInt(octets[1], 16),
            Integer.parseInt(octets[2] + "ff", 16),
            Integer.parseInt("fe" + octets[3], 16),
            Integer.parseInt(octets[4] + octets[5], 16));
  }
}
