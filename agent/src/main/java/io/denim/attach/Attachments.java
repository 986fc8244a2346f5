package io.denim.attach;

import io.denim.attach.Attachment.Address;
import io.denim.attach.Attachment.HostPort;
import io.denim.attach.Attachment.PodName;
import io.denim.attach.Attachment.Port;
import io.denim.cni.CniException;
import io.denim.ipam.AllocationException;
import io.denim.linux.LinuxException;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.net.InterfaceAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The attachments of one node: makes them, checks them, and takes them away. Any thread may use it;
 * what concerns one container is done one after the other.
 */
public final class Attachments implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Attachments.class);

  private final Folders folders;
  private final NodeReach reach;
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
  private final PodAddresses addresses;
  private final Extensions extensions;
  private final TakeUp takeUp;
  private final ContainerLocks locks = new ContainerLocks();
  private final Consumer<Stage> reached;
  private volatile Optional<PodNetwork> network = Optional.empty();

  /**
   * Reads what is there, undoes what a killed agent had begun, and frees what belongs to containers
   * that are gone.
   *
   * @param reach how it reaches what else is the node's
   * @param node the node's network
   * @throws AttachmentException when the folders cannot be used
   */
  public Attachments(
      Folders folders,
      NodeReach reach,
      Namespace node,
      InstantSource clock,
      RandomGenerator random) {
    this(folders, reach, node, clock, random, _ -> {});
  }

  /** As the other, and says of each ADD how far it has come. */
  Attachments(
      Folders folders,
      NodeReach reach,
      Namespace node,
      InstantSource clock,
      RandomGenerator random,
      Consumer<Stage> reached) {
    this.folders = folders;
    this.reach = reach;
    // Not the reconciler's: who attaches a container need not wait for a look at all routes.
    this.links = Rtnetlink.open(node);
    this.clock = clock;
    this.reached = reached;
    this.records = new Records(folders.records());
    this.journal = new Journal(folders.journal());
    this.reaper = new VethReaper(Rtnetlink.open(node));
    this.wiring = new Wiring(links, reaper);
    this.bridges = new Bridges(links, reach.sysctl(), random);
    this.shaping = new Shaping(links, reaper);
    this.rules = new PodRules(node);
    this.boot = reach.sysctl().read("kernel/random/boot_id").orElse("");
    this.addresses = new PodAddresses(records, reaper, reach);
    this.extensions =
        new Extensions(records, locks, rules, shaping, bridges, links, this::now, boot);
    this.takeUp = new TakeUp(records, links, rules, locks, boot, this::undo);
    takeUp.begin();
    mendRules();
  }

  /** What was left at the start because it was not at hand can be done now. */
  public void nodeArrived() {
    takeUp.nodeArrived();
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

  NodeReach reach() {
    return reach;
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
    problems.addAll(addresses.problems());
    problems.addAll(reach.problems());
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

  /** The addresses that containers may have. */
  PodAddresses addresses() {
    return addresses;
  }

  /** What is added to containers behind other plugins. */
  Extensions extensions() {
    return extensions;
  }

  private Instant now() {
    return Instant.ofEpochSecond(clock.instant().getEpochSecond());
  }

  /**
   * An attachment that was made.
   *
   * @param bridge what it is a port of
   */
  record Made(Attachment attachment, Link bridge) {}

  /**
   * Makes an attachment.
   *
   * @param scratch the file that flannel's own plugin would look for, empty for none
   * @throws CniException when it cannot; then nothing is left of it
   */
  Made add(
      Attachment.Key key,
      BridgePlan plan,
      PodName pod,
      String netns,
      Namespace container,
      Optional<String> scratch) {
    return locks.alone(
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
          Port port = Settlement.begun(key, plan);
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

  private Made make(Attachment begun, Port empty, BridgePlan plan, Namespace container) {
    Attachment.Key key = begun.key();
    List<Address> assigned = addresses.assign(key, plan);
    reached.accept(Stage.ADDRESSED);
    List<InterfaceAddress> gateways =
        assigned.stream()
            .map(each -> new InterfaceAddress(each.gateway(), each.address().length()))
            .toList();
    Link bridge = bridges.ensure(plan, gateways);
    reached.accept(Stage.BRIDGED);
    Port port = Settlement.settled(key, empty, plan, assigned);
    wiring.connect(key, port, bridge, plan.ownBridge(), container);
    reached.accept(Stage.CONNECTED);
    wiring.configure(key, port, plan.detectDuplicates(), container);
    reached.accept(Stage.CONFIGURED);
    List<HostPort> hostPorts =
        Settlement.hostPorts(plan.hostPorts(), assigned.stream().map(Address::address), true);
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
    return new Made(complete, bridge);
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
   * Takes an attachment away; one that is not there is away. Answers when its address is free and
   * no rule leads to it; the veth goes within a tenth of a second.
   *
   * @param networkName the network that the caller believes it is of, for what has no record
   * @param addressFolder the same
   * @throws AttachmentException when something is left; then everything else is away
   */
  void remove(Attachment.Key key, String networkName, Path addressFolder) {
    locks.alone(
        key,
        () -> {
          Optional<Attachment> attachment = records.find(key);
          if (attachment.isPresent()) {
            undo(attachment.get());
          } else {
            undo(key, Wiring.hostDevice(key), addressFolder, networkName, Optional.empty());
          }
          journal.done(key);
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
    attachment.scratch().ifPresent(scratch -> FlannelScratch.remove(reach.at(Path.of(scratch))));
  }

  private void undo(
      Attachment.Key key,
      String hostDevice,
      Path addressFolder,
      String networkName,
      Optional<Attachment.Shaped> shaped) {
    Leftovers left = new Leftovers();
    left.attempt(() -> rules.remove(key));
    left.attempt(() -> {
      if (mayBeLimited(key)) {
        shaping.remove(key, shaped);
      }
    });
    left.attempt(() -> {
      if (!hostDevice.isEmpty()) {
        wiring.disconnect(hostDevice);
      }
    });
    if (!networkName.isEmpty()) {
      left.attempt(() -> addresses.release(key, addressFolder, networkName));
    }
    if (!left.isEmpty()) {
      throw new AttachmentException(
          key
              + " is not wholly detached: "
              + String.join("; ", left.reasons())
              + "; a DEL tries again");
    }
    records.remove(key);
  }

  /** What is complete says itself whether it is; the device's name alone tells of what is not. */
  private boolean mayBeLimited(Attachment.Key key) {
    return records
        .find(key)
        .filter(known -> known.complete() && known.shaped().isEmpty())
        .isEmpty();
  }

  /**
   * Takes away all attachments of a network but these, and frees all addresses of it that nobody of
   * these has.
   *
   * @return what could not be taken away
   */
  List<String> collectGarbage(String networkName, Path addressFolder, Set<Attachment.Key> valid) {
    Instant lookedAt = Instant.now();
    Leftovers left = new Leftovers();
    Predicate<Attachment> stale =
        each -> each.network().equals(networkName) && !valid.contains(each.key());
    for (Attachment attachment : List.copyOf(records.all())) {
      if (stale.test(attachment)) {
        left.attempt(() -> remove(attachment.key(), networkName, addressFolder));
      }
    }
    left.attempt(() -> addresses.collectGarbage(addressFolder, networkName, valid, lookedAt));
    return left.reasons();
  }

  /**
   * Takes away the attachments of a network that are none any more: what is not complete, whose
   * device is gone, or that are of before a start of the machine.
   *
   * @return what could not be taken away
   */
  List<String> collectDead(String networkName) {
    return takeUp.collectDead(networkName);
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
    addresses.close();
  }
}
