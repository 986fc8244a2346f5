package io.denim.attach;

import io.denim.attach.Attachment.Address;
import io.denim.attach.Attachment.HostPort;
import io.denim.attach.Attachment.PodName;
import io.denim.attach.Attachment.Port;
import io.denim.cni.Bandwidth;
import io.denim.cni.CniException;
import io.denim.cni.CniResult;
import io.denim.cni.Dns;
import io.denim.cni.PortMapping;
import io.denim.ipam.AddressRange;
import io.denim.ipam.AllocationException;
import io.denim.ipam.HostLocal;
import io.denim.linux.LinuxException;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.linux.ns.Sysctl;
import io.denim.net.Cidr;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The attachments of one node: makes them, checks them, and takes them away. Any thread may use it;
 * what concerns one container is done one after the other.
 */
public final class Attachments implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Attachments.class);
  private static final int LOCKS = 64;

  private final Folders folders;
  private final Rtnetlink links;
  private final InstantSource clock;
  private final Records records;
  private final Journal journal;
  private final VethReaper reaper;
  private final Wiring wiring;
  private final String boot;
  private final Bridges bridges;
  private final PodRules rules;
  private final Shaping shaping;
  private final Consumer<Stage> reached;
  private final List<ReentrantLock> locks =
      Stream.generate(ReentrantLock::new).limit(LOCKS).toList();
  private final Map<Path, HostLocal> addresses = new HashMap<>();
  private volatile Optional<PodNetwork> network = Optional.empty();

  /**
   * Reads what is there, undoes what a killed agent had begun, and frees what belongs to containers
   * that are gone.
   *
   * @param node the node's network
   * @throws AttachmentException when the folders cannot be used
   */
  public Attachments(Folders folders, Namespace node, InstantSource clock, RandomGenerator random) {
    this(folders, node, clock, random, _ -> {});
  }

  /** As the other, and says of each ADD how far it has come. */
  Attachments(
      Folders folders,
      Namespace node,
      InstantSource clock,
      RandomGenerator random,
      Consumer<Stage> reached) {
    this.folders = folders;
    // Not the reconciler's: who attaches a container need not wait for a look at all routes.
    this.links = Rtnetlink.open(node);
    this.clock = clock;
    this.reached = reached;
    this.records = new Records(folders.records());
    this.journal = new Journal(folders.journal());
    this.reaper = new VethReaper(Rtnetlink.open(node));
    this.wiring = new Wiring(links, reaper);
    this.bridges = new Bridges(links, node, random);
    this.shaping = new Shaping(links, reaper);
    this.rules = new PodRules(node);
    this.boot = Sysctl.of(node).read("kernel/random/boot_id").orElse("");
    takeUp();
  }

  /** Goes on with what an agent before this one has left. */
  private void takeUp() {
    Set<String> devices = deviceNames();
    for (Attachment attachment : List.copyOf(records.all())) {
      Optional<String> over = over(attachment, devices);
      if (over.isEmpty()) {
        rules.expect(attachment);
        continue;
      }
      try {
        undo(attachment);
        LOG.info(
            "attachment removed container={} interface={} reason=\"{}\"",
            attachment.key().container(),
            attachment.key().ifname(),
            over.get());
      } catch (AttachmentException e) {
        LOG.warn("{}", e.getMessage());
      }
    }
    mendRules();
  }

  /** Why an attachment that is on file is one no more. */
  private Optional<String> over(Attachment attachment, Set<String> devices) {
    if (!attachment.complete()) {
      return Optional.of("it was not complete");
    }
    if (!attachment.boot().equals(boot)) {
      return Optional.of("the machine was started anew");
    }
    return attachment
        .port()
        .filter(port -> !devices.contains(port.hostDevice()))
        .map(port -> "its device " + port.hostDevice() + " is gone");
  }

  /**
   * Says what containers are attached to by default. Those that are attached keep what they have.
   */
  public void configure(PodNetwork podNetwork) {
    network = Optional.of(podNetwork);
  }

  /** What containers are attached to by default; empty until the node has its subnet. */
  Optional<PodNetwork> network() {
    return network;
  }

  Folders folders() {
    return folders;
  }

  /** All attachments, by pod, container and interface. */
  public List<Attachment> all() {
    return records.all().stream()
        .filter(Attachment::complete)
        .sorted(
            java.util.Comparator.comparing((Attachment each) -> each.pod().namespace())
                .thenComparing(each -> each.pod().name())
                .thenComparing(each -> each.key().container())
                .thenComparing(each -> each.key().ifname()))
        .toList();
  }

  /** What is wrong with the attachments, in words for a person. */
  public List<String> problems() {
    List<String> problems = new ArrayList<>(records.problems());
    problems.addAll(rules.problems());
    List<HostLocal> all;
    synchronized (addresses) {
      all = List.copyOf(addresses.values());
    }
    for (HostLocal files : all) {
      try {
        problems.addAll(files.problems());
      } catch (AllocationException e) {
        problems.add(String.valueOf(e.getMessage()));
      }
    }
    return problems;
  }

  /** The attachment with this key. */
  public Optional<Attachment> find(Attachment.Key key) {
    return records.find(key).filter(Attachment::complete);
  }

  /** Puts the rules right where somebody has changed them. */
  public void mendRules() {
    rules.mend();
  }

  /** Whether a notification of this sender is of an own change. */
  public boolean isOwn(int sender) {
    return links.portId() == sender || rules.portId() == sender || reaper.portId() == sender;
  }

  <T> T alone(Attachment.Key key, Supplier<T> work) {
    ReentrantLock lock = locks.get(Math.floorMod(key.container().hashCode(), LOCKS));
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  private HostLocal addresses(Path folder, String networkName) {
    Path network = folder.resolve(networkName);
    synchronized (addresses) {
      HostLocal files = addresses.get(network);
      if (files == null || !files.isIntact()) {
        files = new HostLocal(folder, networkName);
        reserveAgain(files, network);
        if (addresses.put(network, files) != null) {
          LOG.warn("the folder {} was deleted; what is attached is reserved there again", network);
        }
      }
      return files;
    }
  }

  /** What somebody has deleted of the reservations of a network is still in use. */
  private void reserveAgain(HostLocal files, Path network) {
    for (Attachment attachment : records.all()) {
      Optional<Port> port =
          attachment
              .port()
              .filter(of -> Path.of(of.addressFolder(), attachment.network()).equals(network));
      for (Address address : port.map(Port::addresses).orElse(List.of())) {
        IpAddress ip = address.address().address();
        if (!Files.exists(network.resolve(ip.toString()))) {
          files.claim(owner(attachment.key()), ip, List.of(address.range()));
        }
      }
    }
  }

  private static HostLocal.Owner owner(Attachment.Key key) {
    return new HostLocal.Owner(key.container(), key.ifname());
  }

  /** Whether one more container could have an address of each of these sets. */
  boolean hasFree(BridgePlan plan) {
    HostLocal files = addresses(plan.addressFolder(), plan.network());
    return plan.sets().stream().allMatch(files::hasFree);
  }

  /**
   * Makes an attachment.
   *
   * @param scratch the file that flannel's own plugin would look for, empty for none
   * @throws CniException when it cannot; then nothing is left of it
   */
  Attachment add(
      Attachment.Key key,
      BridgePlan plan,
      PodName pod,
      String netns,
      Namespace container,
      Optional<String> scratch) {
    return alone(
        key,
        () -> {
          if (journal.holds(key)) {
            remove(key, plan.network(), plan.addressFolder());
          }
          refuseDamaged(key);
          Optional<Attachment> before = records.find(key);
          if (before.filter(Attachment::complete).isPresent()) {
            throw new CniException(
                CniException.Code.ALREADY_ATTACHED,
                key
                    + " is attached to network "
                    + before.get().network()
                    + " already, since "
                    + before.get().since()
                    + "; a DEL has to come before another ADD");
          }
          before.ifPresent(this::undo);
          Port port = begun(key, plan);
          Attachment attachment =
              new Attachment(
                  key,
                  plan.network(),
                  false,
                  now(),
                  boot,
                  pod,
                  netns,
                  Optional.of(port),
                  List.of(),
                  Optional.empty(),
                  scratch);
          try {
            records.put(attachment);
            reached.accept(Stage.RECORDED);
            return make(attachment, port, plan, container);
          } catch (RuntimeException e) {
            throw undone(attachment, e);
          }
        });
  }

  /** What is undone after a failure would be what the container has. */
  private void refuseDamaged(Attachment.Key key) {
    if (records.isDamaged(key)) {
      throw new CniException(
          CniException.Code.ALREADY_ATTACHED,
          key
              + " may be attached already, but the record of it cannot be read; a DEL has to come"
              + " before another ADD");
    }
  }

  private static Port begun(Attachment.Key key, BridgePlan plan) {
    return new Port(
        plan.bridge(),
        Wiring.hostDevice(key),
        plan.mac().orElse(MacAddress.ZERO),
        plan.mtu(),
        plan.hairpin(),
        plan.isolated(),
        plan.up(),
        plan.masquerade(),
        plan.guarded(),
        plan.addressFolder().toString(),
        List.of(),
        List.of());
  }

  private Attachment make(Attachment begun, Port empty, BridgePlan plan, Namespace container) {
    Attachment.Key key = begun.key();
    List<Address> assigned = assign(key, plan);
    reached.accept(Stage.ADDRESSED);
    List<InterfaceAddress> gateways =
        assigned.stream()
            .map(each -> new InterfaceAddress(each.gateway(), each.address().length()))
            .toList();
    Link bridge = bridges.ensure(plan, gateways);
    reached.accept(Stage.BRIDGED);
    Port port = settled(key, empty, plan, assigned);
    wiring.connect(key, port, bridge, plan.ownBridge(), container);
    reached.accept(Stage.CONNECTED);
    wiring.configure(key, port, plan.detectDuplicates(), container);
    reached.accept(Stage.CONFIGURED);
    List<HostPort> hostPorts =
        hostPorts(plan.hostPorts(), assigned.stream().map(Address::address), true);
    Attachment wired = begun.withPort(port).withHostPorts(hostPorts);
    rules.add(wired);
    reached.accept(Stage.RULED);
    Attachment shaped =
        wired.withShaped(
            plan.bandwidth()
                .map(limits ->
                    shaping.limit(
                        key,
                        links
                            .link(port.hostDevice())
                            .orElseThrow(() -> Wiring.gone(port.hostDevice())),
                        limits)));
    reached.accept(Stage.SHAPED);
    Attachment complete = shaped.completed();
    records.put(complete);
    reached.accept(Stage.COMPLETE);
    return complete;
  }

  private Port settled(Attachment.Key key, Port empty, BridgePlan plan, List<Address> assigned) {
    MacAddress mac =
        plan.mac()
            .orElseGet(() ->
                assigned.isEmpty()
                    ? Wiring.hostMac(key.toString())
                    : Wiring.containerMac(assigned.getFirst().address().address()));
    return new Port(
        empty.bridge(),
        empty.hostDevice(),
        mac,
        empty.mtu(),
        empty.hairpin(),
        empty.isolated(),
        empty.up(),
        empty.masquerade(),
        empty.guarded(),
        empty.addressFolder(),
        assigned,
        routes(plan, assigned));
  }

  private List<Address> assign(Attachment.Key key, BridgePlan plan) {
    if (plan.sets().isEmpty()) {
      return List.of();
    }
    HostLocal files = addresses(plan.addressFolder(), plan.network());
    HostLocal.Owner owner = owner(key);
    List<IpAddress> wanted = new ArrayList<>(plan.wanted());
    List<Address> assigned = new ArrayList<>();
    for (int i = 0; i < plan.sets().size(); i++) {
      List<AddressRange> set = plan.sets().get(i);
      Optional<IpAddress> claimed =
          wanted.stream()
              .filter(ip -> set.stream().anyMatch(range -> range.subnet().contains(ip)))
              .findFirst();
      HostLocal.Assigned got =
          claimed.isPresent()
              ? claim(files, owner, claimed.get(), set)
              : allocate(files, owner, i, set);
      claimed.ifPresent(wanted::remove);
      assigned.add(new Address(got.address(), got.gateway()));
    }
    if (!wanted.isEmpty()) {
      throw new CniException(
          CniException.Code.INVALID_CONFIG,
          "the address "
              + wanted.getFirst()
              + " cannot be given: each range set gives one, and the sets are "
              + plan.sets());
    }
    assigned.forEach(each -> reaper.flush(each.address().address().toString()));
    return assigned;
  }

  private static HostLocal.Assigned allocate(
      HostLocal files, HostLocal.Owner owner, int set, List<AddressRange> ranges) {
    try {
      return files.allocate(owner, Integer.toString(set), ranges);
    } catch (AllocationException e) {
      throw new CniException(
          e.reason() == AllocationException.Reason.EXHAUSTED
              ? CniException.Code.EXHAUSTED
              : CniException.Code.IO_FAILURE,
          String.valueOf(e.getMessage()),
          "",
          e);
    }
  }

  private static HostLocal.Assigned claim(
      HostLocal files, HostLocal.Owner owner, IpAddress address, List<AddressRange> ranges) {
    try {
      return files
          .claim(owner, address, ranges)
          .orElseThrow(() ->
              new CniException(
                  CniException.Code.TRY_AGAIN,
                  "the address " + address + " is taken by another container"));
    } catch (AllocationException e) {
      throw new CniException(
          e.reason() == AllocationException.Reason.NOT_POSSIBLE
              ? CniException.Code.INVALID_CONFIG
              : CniException.Code.IO_FAILURE,
          String.valueOf(e.getMessage()),
          "",
          e);
    }
  }

  /** The configured routes, and a default route a family unless one is configured. */
  private static List<PodRoute> routes(BridgePlan plan, List<Address> assigned) {
    List<PodRoute> routes = new ArrayList<>();
    Map<Boolean, IpAddress> gateways = new LinkedHashMap<>();
    assigned.forEach(each -> gateways.putIfAbsent(each.gateway().isV4(), each.gateway()));
    for (PodRoute route : plan.routes()) {
      Optional<IpAddress> gateway =
          route
              .gateway()
              .or(() -> Optional.ofNullable(gateways.get(route.destination().address().isV4())))
              .filter(_ -> route.scope() != io.denim.linux.netlink.Route.RT_SCOPE_LINK);
      routes.add(route.withGateway(gateway));
    }
    if (plan.defaultGateway()) {
      for (IpAddress gateway : gateways.values()) {
        Cidr all = gateway.isV4() ? Cidr.ALL_V4 : Cidr.ALL_V6;
        if (routes.stream().noneMatch(route -> route.destination().equals(all))) {
          routes.add(PodRoute.via(all, gateway));
        }
      }
    }
    return routes;
  }

  /** Each mapping leads to the first address of each family that its own address allows. */
  static List<HostPort> hostPorts(
      List<PortMapping> mappings, Stream<InterfaceAddress> of, boolean masquerade) {
    Map<Boolean, InterfaceAddress> first = new LinkedHashMap<>();
    of.forEach(ip -> first.putIfAbsent(ip.address().isV4(), ip));
    List<HostPort> ports = new ArrayList<>();
    for (PortMapping mapping : mappings) {
      for (InterfaceAddress to : first.values()) {
        if (mapping.hostIp().filter(ip -> ip.isV4() != to.address().isV4()).isEmpty()) {
          ports.add(
              new HostPort(
                  protocol(mapping.protocol()),
                  mapping.hostIp().filter(ip -> !ip.isAny()),
                  mapping.hostPort(),
                  to,
                  mapping.containerPort(),
                  masquerade));
        }
      }
    }
    return ports;
  }

  private static int protocol(PortMapping.Protocol protocol) {
    return switch (protocol) {
      case TCP -> 6;
      case UDP -> 17;
      case SCTP -> 132;
    };
  }

  /** Undoes what was begun, and gives what to throw. */
  private CniException undone(Attachment attachment, RuntimeException cause) {
    CniException failure = asFailure(attachment.key(), cause);
    try {
      undo(attachment);
    } catch (AttachmentException e) {
      LOG.warn("{}; it is undone by the next DEL or start", e.getMessage());
    }
    return failure;
  }

  static CniException asFailure(Attachment.Key key, RuntimeException cause) {
    return switch (cause) {
      case CniException known -> known;
      case LinuxException _, AllocationException _ ->
          new CniException(
              CniException.Code.IO_FAILURE,
              "cannot attach " + key + ": " + cause.getMessage(),
              "",
              cause);
      case AttachmentException e ->
          new CniException(
              CniException.Code.TRY_AGAIN, "cannot attach " + key + ": " + e.getMessage(), "", e);
      default ->
          new CniException(
              CniException.Code.INTERNAL, "cannot attach " + key + ": " + cause, "", cause);
    };
  }

  /**
   * What a chained plugin adds.
   *
   * @param hostPorts ports of the node, in the place of those there are; empty to leave them
   * @param limits of traffic, in the place of those there are; empty to leave them
   */
  record Extension(Optional<List<HostPort>> hostPorts, Optional<Limits> limits) {}

  /** Limits of what goes through a veth. */
  record Limits(Link hostDevice, Bandwidth bandwidth) {}

  /**
   * Adds to what is attached by this or by another plugin.
   *
   * @throws CniException when it cannot; then it is as it was
   */
  void extend(Attachment.Key key, String networkName, PodName pod, String netns, Extension more) {
    alone(
        key,
        () -> {
          Attachment before =
              records.find(key).orElseGet(() -> foreign(key, networkName, pod, netns));
          try {
            Attachment after = more.hostPorts().map(before::withHostPorts).orElse(before);
            rules.add(after);
            takeInLoopback(after.hostPorts());
            if (more.limits().isPresent()) {
              Link device = more.limits().get().hostDevice();
              after =
                  after.withShaped(
                      Optional.of(shaping.limit(key, device, more.limits().get().bandwidth())));
            }
            records.put(after);
            return true;
          } catch (RuntimeException e) {
            reduce(key, more.hostPorts().isPresent(), more.limits().isPresent());
            throw asFailure(key, e);
          }
        });
  }

  /**
   * What the node reaches on a link of its own may be reached by 127.0.0.1 too; a link that leads
   * further, such as the uplink, is left as it is.
   */
  private void takeInLoopback(List<HostPort> ports) {
    ports.stream()
        .filter(port -> port.masquerade() && port.to().address().isV4())
        .flatMap(port -> links.lookup(port.to().address()).stream())
        .flatMap(route -> route.hops().stream())
        .filter(hop -> hop.gateway().isEmpty())
        .flatMap(hop -> links.link(hop.oif()).stream())
        .map(Link::name)
        .distinct()
        .forEach(bridges::takeInLoopback);
  }

  private Attachment foreign(Attachment.Key key, String networkName, PodName pod, String netns) {
    return new Attachment(
        key,
        networkName,
        true,
        now(),
        boot,
        pod,
        netns,
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  private Instant now() {
    return Instant.ofEpochSecond(clock.instant().getEpochSecond());
  }

  /** The node's end of a container's veth: the own one, or what a previous result tells of. */
  Link hostDevice(Attachment.Key key, CniResult previous) {
    Optional<String> own = find(key).flatMap(Attachment::port).map(Port::hostDevice);
    return Stream.concat(
            own.stream(),
            previous.interfaces().stream()
                .filter(each -> each.sandbox().isEmpty())
                .map(CniResult.Interface::name))
        .flatMap(name -> links.link(name).stream())
        .filter(link -> link.kind().equals(new LinkKind.Veth()))
        .findFirst()
        .orElseThrow(() ->
            new CniException(
                CniException.Code.INVALID_CONFIG,
                "prevResult.interfaces has no veth on the node, and the limits are set there"));
  }

  /** Takes away what {@link #extend} has added. */
  void reduce(Attachment.Key key, boolean hostPorts, boolean bandwidth) {
    alone(
        key,
        () -> {
          Optional<Attachment> before = records.find(key);
          if (bandwidth) {
            shaping.remove(key, before.flatMap(Attachment::shaped));
          }
          if (before.isEmpty()) {
            rules.remove(key);
            return true;
          }
          Attachment after = before.get();
          if (hostPorts) {
            after = after.withHostPorts(List.of());
          }
          if (bandwidth) {
            after = after.withShaped(Optional.empty());
          }
          rules.add(after);
          if (after.port().isEmpty() && after.hostPorts().isEmpty() && after.shaped().isEmpty()) {
            records.remove(key);
          } else {
            records.put(after);
          }
          return true;
        });
  }

  /** Does {@link #reduce} to all of a network but these; gives what could not be taken away. */
  List<String> reduceAllBut(
      String networkName, Set<Attachment.Key> valid, boolean hostPorts, boolean bandwidth) {
    List<String> left = new ArrayList<>();
    for (Attachment attachment : List.copyOf(records.all())) {
      if (attachment.network().equals(networkName) && !valid.contains(attachment.key())) {
        attempt(left, () -> reduce(attachment.key(), hostPorts, bandwidth));
      }
    }
    return left;
  }

  /**
   * What an ADD answers.
   *
   * @param previous what the plugins before this one have made
   */
  CniResult result(Attachment attachment, Dns dns, CniResult previous) {
    Port port = attachment.port().orElseThrow();
    List<CniResult.Interface> interfaces = new ArrayList<>(previous.interfaces());
    Optional<Link> bridge = links.link(port.bridge());
    interfaces.add(
        new CniResult.Interface(
            port.bridge(),
            bridge.flatMap(Link::mac).map(Object::toString).orElse(""),
            bridge.map(Link::mtu).orElse(0),
            ""));
    interfaces.add(
        new CniResult.Interface(
            port.hostDevice(), Wiring.hostMac(port.hostDevice()).toString(), port.mtu(), ""));
    OptionalInt index = OptionalInt.of(interfaces.size());
    interfaces.add(
        new CniResult.Interface(
            attachment.key().ifname(), port.mac().toString(), port.mtu(), attachment.netns()));
    List<CniResult.Ip> ips = new ArrayList<>(previous.ips());
    port.addresses()
        .forEach(
            each -> ips.add(new CniResult.Ip(index, each.address(), Optional.of(each.gateway()))));
    List<CniResult.Route> routes = new ArrayList<>(previous.routes());
    port.routes().forEach(route -> routes.add(route.result()));
    return new CniResult(interfaces, ips, routes, dns.isEmpty() ? previous.dns() : dns);
  }

  /**
   * Takes an attachment away; one that is not there is away. Answers when its address is free and
   * no rule leads to it; the veth goes within a tenth of a second.
   *
   * @param networkName the network that the caller believes it is of, for what has no record
   * @param addressFolder the same
   * @throws AttachmentException when something is left; then everything else is away
   */
  void remove(Attachment.Key key, String networkName, Path addressFolder) {
    alone(
        key,
        () -> {
          Optional<Attachment> attachment = records.find(key);
          if (attachment.isPresent()) {
            undo(attachment.get());
          } else {
            undo(key, Wiring.hostDevice(key), addressFolder, networkName, Optional.empty());
          }
          journal.done(key);
          return true;
        });
  }

  private void undo(Attachment attachment) {
    Optional<Port> port = attachment.port();
    undo(
        attachment.key(),
        port.map(Port::hostDevice).orElse(""),
        port.map(made -> Path.of(made.addressFolder())).orElse(folders.addresses()),
        port.isPresent() ? attachment.network() : "",
        attachment.shaped());
    attachment.scratch().ifPresent(FlannelScratch::remove);
  }

  private void undo(
      Attachment.Key key,
      String hostDevice,
      Path addressFolder,
      String networkName,
      Optional<Attachment.Shaped> shaped) {
    List<String> left = new ArrayList<>();
    attempt(left, () -> rules.remove(key));
    attempt(left, () -> shaping.remove(key, shaped));
    attempt(
        left,
        () -> {
          if (!hostDevice.isEmpty()) {
            wiring.disconnect(hostDevice);
          }
        });
    if (!networkName.isEmpty()) {
      attempt(
          left,
          () ->
              addresses(addressFolder, networkName)
                  .release(owner(key))
                  .forEach(address -> reaper.dying(address.toString())));
    }
    if (!left.isEmpty()) {
      throw new AttachmentException(
          key + " is not wholly detached: " + String.join("; ", left) + "; a DEL tries again");
    }
    records.remove(key);
  }

  /** One thing that cannot be taken away does not keep the others. */
  private static void attempt(List<String> left, Runnable work) {
    try {
      work.run();
    } catch (LinuxException | AllocationException | AttachmentException e) {
      left.add(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Takes away all attachments of a network but these, and frees all addresses of it that nobody of
   * these has.
   *
   * @return what could not be taken away
   */
  List<String> collectGarbage(String networkName, Path addressFolder, Set<Attachment.Key> valid) {
    Instant lookedAt = Instant.now();
    List<String> left = new ArrayList<>();
    Predicate<Attachment> stale =
        each -> each.network().equals(networkName) && !valid.contains(each.key());
    for (Attachment attachment : List.copyOf(records.all())) {
      if (stale.test(attachment)) {
        attempt(left, () -> remove(attachment.key(), networkName, addressFolder));
      }
    }
    Set<HostLocal.Owner> alive = new HashSet<>();
    valid.forEach(key -> alive.add(owner(key)));
    attempt(left, () -> addresses(addressFolder, networkName).collectGarbage(alive, lookedAt));
    return left;
  }

  /**
   * Takes away the attachments of a network that are none any more: what is not complete, whose
   * device is gone, or that are of before a start of the machine.
   *
   * @return what could not be taken away
   */
  List<String> collectDead(String networkName) {
    Set<String> devices = deviceNames();
    List<String> left = new ArrayList<>();
    for (Attachment attachment : List.copyOf(records.all())) {
      if (attachment.network().equals(networkName) && over(attachment, devices).isPresent()) {
        attempt(left, () -> alone(attachment.key(), () -> undoIfOver(attachment.key())));
      }
    }
    return left;
  }

  /** Looks again, for an ADD may have completed it meanwhile. */
  private boolean undoIfOver(Attachment.Key key) {
    records.find(key).filter(now -> over(now, deviceNames()).isPresent()).ifPresent(this::undo);
    return true;
  }

  private Set<String> deviceNames() {
    Set<String> devices = new HashSet<>();
    links.links().forEach(link -> devices.add(link.name()));
    return devices;
  }

  /** What of an attachment is not as it was made, in words; empty when all is. */
  List<String> altered(Attachment attachment, Optional<Namespace> container) {
    List<String> wrong = new ArrayList<>(rules.missing(attachment));
    wrong.addAll(shaping.missing(attachment));
    if (attachment.port().isPresent() && container.isPresent()) {
      wrong.addAll(
          new PortCheck(links, attachment.key(), attachment.port().get()).altered(container.get()));
    }
    return wrong;
  }

  /** Takes note that a DEL that may have waited has been done. */
  void replayed(Attachment.Key key) {
    journal.done(key);
  }

  /** The DELs that wait. */
  Collection<Attachment.Key> waiting() {
    return journal.waiting();
  }

  /** The request of a DEL that waits. */
  Optional<byte[]> request(Attachment.Key key) {
    return journal.request(key);
  }

  @Override
  public void close() {
    reaper.close();
    rules.close();
    links.close();
    synchronized (addresses) {
      addresses.values().forEach(HostLocal::close);
    }
  }
}
