package io.denim.attach;

import io.denim.linux.Descriptor;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Route;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.nft.Nftables;
import io.denim.linux.nft.TableState;
import io.denim.linux.ns.Namespace;
import io.denim.linux.ns.Sysctl;
import io.denim.net.Cidr;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import io.denim.state.PodPorts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A node as an agent leaves it: a namespace with the bridge {@code cni0}, and the plugin on folders
 * of a test. Outside of it, on a wire of its own, is a machine that knows no container (node
 * 192.0.2.1 and 2001:db8::1, machine .2 and ::2).
 */
final class TestNode implements AutoCloseable {
  static final int MTU = 1450;
  static final String BRIDGE = "cni0";

  final Namespace namespace = Namespace.create();
  final Namespace outside = Namespace.create();
  final Rtnetlink kernel = Rtnetlink.open(namespace);
  final Nftables nft = Nftables.open(namespace);
  final Folders folders;

  private final List<Cidr> subnets;
  private final ConcurrentLinkedDeque<AutoCloseable> open = new ConcurrentLinkedDeque<>();
  private Optional<Attachments> attachments = Optional.empty();
  private Optional<Plugin> plugin = Optional.empty();
  private volatile NodeCondition condition = new NodeCondition.Ready();

  /** A node that is ready, with these subnets. */
  TestNode(Path directory, String... subnets) {
    this.folders = Folders.below(directory);
    this.subnets = Arrays.stream(subnets).map(Cidr::parse).toList();
    Sysctl sysctl = Sysctl.of(namespace);
    up(namespace, "lo");
    bridge(sysctl);
    wire();
    sysctl.write("net/ipv4/ip_forward", "1");
    sysctl.write("net/ipv6/conf/all/forwarding", "1");
    start();
    attachments().configure(network());
  }

  PodNetwork network() {
    return new PodNetwork(BRIDGE, subnets, MTU);
  }

  private void bridge(Sysctl sysctl) {
    kernel.execute(
        Links.create(
            Links.Spec.of(BRIDGE, new LinkKind.Bridge()).mac(MacAddress.local(1)).mtu(MTU)));
    sysctl.write("net/ipv6/conf/" + BRIDGE + "/accept_dad", "0");
    int index = link(BRIDGE).index();
    kernel.execute(Links.up(index));
    for (Cidr subnet : subnets) {
      kernel.execute(
          LinkAddress.replace(
              index, new InterfaceAddress(subnet.address().plus(1), subnet.length())));
    }
  }

  private void wire() {
    kernel.execute(
        Links.create(
            Links.Spec.of(
                    "up0",
                    new LinkKind.VethPair("eth0", MacAddress.local(3), 1500, Optional.of(outside)))
                .mac(MacAddress.local(2))
                .mtu(1500)
                .upAtOnce()));
    address(kernel, "up0", "192.0.2.1/24");
    address(kernel, "up0", "2001:db8::1/64");
    up(outside, "lo");
    try (Rtnetlink far = Rtnetlink.open(outside)) {
      address(far, "eth0", "192.0.2.2/24");
      address(far, "eth0", "2001:db8::2/64");
      far.execute(Links.up(far.link("eth0").orElseThrow().index()));
    }
  }

  /** Tells the machine outside the way to the containers. */
  void announce(String subnet) {
    Cidr cidr = Cidr.parse(subnet);
    IpAddress gateway = IpAddress.parse(cidr.address().isV4() ? "192.0.2.1" : "2001:db8::1");
    try (Rtnetlink far = Rtnetlink.open(outside)) {
      int device = far.link("eth0").orElseThrow().index();
      far.execute(Route.via(cidr, gateway, device, false, Route.RTPROT_BOOT).replace());
    }
  }

  static void address(Rtnetlink kernel, String device, String address) {
    kernel.execute(
        LinkAddress.replace(
            kernel.link(device).orElseThrow().index(), InterfaceAddress.parse(address)));
  }

  static void up(Namespace namespace, String device) {
    try (Rtnetlink inside = Rtnetlink.open(namespace)) {
      inside.execute(Links.up(inside.link(device).orElseThrow().index()));
    }
  }

  /** Starts an agent's part that does not know the node's network yet. */
  void forget() {
    attachments = Optional.empty();
    start();
  }

  /** Starts an agent's part on the folders; what runs already is as if it had been killed. */
  void start() {
    start(_ -> {});
  }

  /** The same, and this is told of each ADD how far it has come. */
  void start(Consumer<Stage> reached) {
    start(folders, NodeReach.ofHost(namespace), reached);
  }

  /**
   * Starts an agent's part in a container, which has of the node's files one folder; what runs
   * already is as if it had been killed.
   */
  void startContained(Path shared) {
    var inContainer =
        new Folders(folders.records(), folders.journal(), Path.of("/var/lib/cni/networks"));
    NodeReach reach = closing(NodeReach.ofContainer(namespace, shared));
    start(inContainer, reach, _ -> {});
    Attachments started = attachments();
    reach.whenArrived(started::nodeArrived);
  }

  private void start(Folders kept, NodeReach reach, Consumer<Stage> reached) {
    Attachments started =
        new Attachments(kept, reach, namespace, InstantSource.system(), new Random(7), reached);
    open.push(started);
    if (attachments.isPresent()) {
      started.configure(network());
    }
    attachments = Optional.of(started);
    plugin =
        Optional.of(new Plugin(started, namespace, () -> condition, () -> {}, CallListener.NONE));
  }

  Attachments attachments() {
    return attachments.orElseThrow();
  }

  Plugin plugin() {
    return plugin.orElseThrow();
  }

  void condition(NodeCondition now) {
    condition = now;
  }

  /** A container that is not attached yet; has a loopback device that is down. */
  TestContainer container(String id) {
    TestContainer container = new TestContainer(this, id);
    open.push(container);
    return container;
  }

  <T extends AutoCloseable> T closing(T opened) {
    open.push(opened);
    return opened;
  }

  /** Calls without a container. */
  Answer call(String verb, String config) {
    return call(Map.of("CNI_COMMAND", verb, "CNI_PATH", "/opt/cni/bin"), config, Optional.empty());
  }

  Answer call(Map<String, String> variables, String config, Optional<Namespace> container) {
    return call(
        variables,
        config,
        container
            .map(inside -> List.of(Descriptor.of(Namespace.open(inside.path()).fd())))
            .orElse(List.of()));
  }

  /** Calls with these descriptors, which are closed, as the server closes them with their frame. */
  Answer call(Map<String, String> variables, String config, List<Descriptor> descriptors) {
    try {
      return Answer.of(plugin().answer(payload(variables, config), descriptors));
    } finally {
      descriptors.forEach(Descriptor::close);
    }
  }

  /** A request as {@code denim-cni} sends it. */
  static byte[] payload(Map<String, String> variables, String config) {
    var payload = new ByteArrayOutputStream();
    new TreeMap<>(variables)
        .forEach((key, value) -> {
          payload.writeBytes((key + "=" + value).getBytes(StandardCharsets.UTF_8));
          payload.write(0);
        });
    payload.write(0);
    payload.writeBytes(config.getBytes(StandardCharsets.UTF_8));
    return payload.toByteArray();
  }

  Link link(String name) {
    return kernel.link(name).orElseThrow(() -> new AssertionError("no link " + name));
  }

  /** The files in the folder of a network that are addresses. */
  List<String> addressFiles(String network) {
    return names(folders.addresses().resolve(network)).stream()
        .filter(name -> IpAddress.tryParse(name).isPresent())
        .toList();
  }

  List<String> names(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * All that attachments leave anywhere, a line each: links, reservations, records, elements of
   * rules, entries of the journal. Waits until no veth is dying any more.
   */
  List<String> remains() {
    Awaitility.await()
        .atMost(Duration.ofSeconds(5))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> kernel.links().stream().noneMatch(link -> link.group() == PodPorts.DYING));
    List<String> remains = new ArrayList<>();
    kernel.links().forEach(link -> remains.add("link " + link.name()));
    names(folders.addresses()).stream()
        .filter(network -> !network.startsWith("."))
        .forEach(network ->
            addressFiles(network).forEach(file -> remains.add("address " + network + " " + file)));
    names(folders.records()).forEach(file -> remains.add("record " + file));
    names(folders.journal()).forEach(file -> remains.add("journal " + file));
    remains.addAll(elements());
    return remains.stream().sorted().toList();
  }

  /** The elements of the sets of both tables of rules. */
  List<String> elements() {
    List<String> elements = new ArrayList<>();
    for (var family : List.of(TableState.Family.INET, TableState.Family.BRIDGE)) {
      nft.read(family, RuleSet.TABLE)
          .ifPresent(table ->
              table
                  .sets()
                  .forEach(set ->
                      set.elements()
                          .keySet()
                          .forEach(key -> elements.add("element " + set.name() + " " + key))));
    }
    return elements;
  }

  /** What a program prints in a namespace. */
  static String run(Namespace in, String... command) {
    return in.call(() -> {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      return output;
    });
  }

  @Override
  public void close() {
    for (AutoCloseable each : open) {
      try {
        each.close();
      } catch (Exception e) {
        throw new IllegalStateException("cannot close " + each, e);
      }
    }
    nft.close();
    kernel.close();
    outside.close();
    namespace.close();
  }
}
