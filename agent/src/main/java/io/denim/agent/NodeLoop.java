package io.denim.agent;

import io.denim.apply.Kernel;
import io.denim.apply.LinuxKernel;
import io.denim.apply.Observed;
import io.denim.apply.Observed.Part;
import io.denim.apply.Reconciler;
import io.denim.attach.PodNetwork;
import io.denim.ipam.Acquired;
import io.denim.ipam.AllocationException;
import io.denim.ipam.FlannelLayout;
import io.denim.ipam.SubnetAllocator;
import io.denim.ipam.SubnetEnvFile;
import io.denim.linux.LinuxException;
import io.denim.linux.netlink.Link;
import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.model.InvalidConfigException;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.MacAddress;
import io.denim.plan.Desired;
import io.denim.plan.Devices;
import io.denim.plan.Path;
import io.denim.plan.PathPlanner;
import io.denim.plan.PeerPath;
import io.denim.plan.Planner;
import io.denim.state.LocalNode;
import io.denim.state.Snapshot;
import io.denim.store.Entry;
import io.denim.store.Event;
import io.denim.store.Listing;
import io.denim.store.Store;
import io.denim.store.StoreException;
import io.denim.store.Watch;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that holds a node's state: folds what comes, plans, reconciles, and publishes a
 * status.
 */
final class NodeLoop implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final Duration RENEW_AGAIN = Duration.ofMinutes(1);

  private final AgentOptions options;
  private final Store store;
  private final InstantSource clock;
  private final LinuxKernel kernel;
  private final BlockingQueue<Signal> signals;
  private final CountDownLatch settled;
  private final Consumer<PodNetwork> onNetwork;
  private final SubnetAllocator allocator;
  private final HardwareAddresses hardware;
  private final Reconciler reconciler;
  private final Peers peers = new Peers();
  private final Map<String, Watch> watches = new HashMap<>();
  private final Map<String, String> told = new HashMap<>();

  private Optional<NodeState> node = Optional.empty();
  private Desired desired = Desired.NOTHING;
  private Duration pause = Duration.ZERO;
  private Instant nextRenewal = Instant.MAX;
  private Instant quietUntil = Instant.MIN;
  private boolean renewing;
  private Set<String> reported = Set.of();
  private String mtuProblem = "";
  private String configProblem = "";
  private String leaseProblem = "";
  private volatile AgentStatus status;
  private volatile Set<Integer> tunnels = Set.of();

  NodeLoop(
      AgentOptions options,
      Store store,
      InstantSource clock,
      RandomGenerator random,
      LinuxKernel kernel,
      BlockingQueue<Signal> signals,
      CountDownLatch settled,
      Consumer<PodNetwork> onNetwork) {
    this.options = options;
    this.store = store;
    this.clock = clock;
    this.kernel = kernel;
    this.signals = signals;
    this.settled = settled;
    this.onNetwork = onNetwork;
    this.allocator = new SubnetAllocator(store, random);
    this.hardware = new HardwareAddresses(options.node(), store, random);
    this.reconciler = new Reconciler(kernel);
    this.status = AgentStatus.starting(options.node(), List.of("starting"));
  }

  AgentStatus status() {
    return status;
  }

  boolean hasOwnNeighbours(int ifindex) {
    return tunnels.contains(ifindex);
  }

  @Override
  public void run() {
    try {
      while (step()) {
        // Each step waits for signals by itself.
      }
    } catch (AgentException | AllocationException | InvalidConfigException e) {
      String reason = Optional.ofNullable(e.getMessage()).orElse(e.toString());
      LOG.error("agent gives up node={} reason=\"{}\"", options.node(), reason);
      status = AgentStatus.starting(options.node(), List.of(reason));
    } finally {
      watches.values().forEach(Watch::close);
      settled.countDown();
    }
  }

  /** One round; false when the agent is to end. */
  private boolean step() {
    Duration wait;
    try {
      if (node.isEmpty()) {
        begin();
      }
      wait = node.map(this::round).orElse(Duration.ofSeconds(1));
    } catch (StoreException e) {
      String text = "the store does not answer, what runs goes on: " + e.getMessage();
      tell("store", text);
      if (!status.ready()) {
        status = AgentStatus.starting(options.node(), List.of(text));
      }
      wait = backOff();
    } catch (LinuxException e) {
      tell("kernel", "the kernel refused: " + e.getMessage());
      reconciler.hint(EnumSet.allOf(Part.class));
      wait = backOff();
    }
    return await(wait);
  }

  private Duration backOff() {
    pause =
        pause.isZero()
            ? FIRST_PAUSE
            : pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0
                ? LONGEST_PAUSE
                : pause.multipliedBy(2);
    return pause;
  }

  /** Logs a text once, until another text of the same subject. */
  private void tell(String subject, String text) {
    if (!text.equals(told.put(subject, text)) && !text.isEmpty()) {
      LOG.warn("node={} {}", options.node(), text);
    }
  }

  /** Waits for the first signal, then takes all that have come. */
  private boolean await(Duration wait) {
    try {
      Signal first = signals.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
      if (first == null) {
        // Nothing told us anything for a while: look at everything, for what is never told.
        reconciler.hint(EnumSet.allOf(Part.class));
        return true;
      }
      List<Signal> taken = new ArrayList<>();
      taken.add(first);
      signals.drainTo(taken);
      boolean goOn = true;
      for (Signal signal : taken) {
        goOn &= take(signal);
      }
      return goOn;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private boolean take(Signal signal) {
    switch (signal) {
      case Signal.Kernel(Set<Part> parts) -> reconciler.hint(parts);
      case Signal.Stored(Event event) -> stored(event);
      case Signal.Renewed(Acquired lease) -> {
        renewing = false;
        leaseProblem = "";
        node = node.map(state -> state.withLease(lease));
        planRenewal(lease);
      }
      case Signal.NotRenewed(String reason) -> {
        renewing = false;
        leaseProblem = "lease not renewed: " + reason;
        quietUntil = clock.instant().plus(RENEW_AGAIN);
        nextRenewal = quietUntil;
      }
      case Signal.Stop() -> {
        return false;
      }
    }
    return true;
  }

  private void stored(Event event) {
    switch (event) {
      case Event.Put(Entry entry) when entry.key().equals(FlannelLayout.CONFIG) ->
          reconfigure(entry.value());
      case Event.Deleted(var key, _) when key.equals(FlannelLayout.CONFIG) ->
          tell("config", "the network configuration was deleted; the last one stays in force");
      case Event.Lost _ -> watchAll();
      case Event.Put _, Event.Deleted _ -> peers.take(event);
    }
    if (event instanceof Event.Deleted(var key, _)
        && node.filter(n -> n.lease().entry().key().equals(key)).isPresent()) {
      nextRenewal = clock.instant();
    }
  }

  /** Everything up to the own subnet; nothing when the configuration is not there yet. */
  private void begin() {
    watchAll();
    Optional<Entry> entry = store.get(FlannelLayout.CONFIG);
    if (entry.isEmpty()) {
      String text =
          "there is no network configuration in the store; put net-conf.json under \"config\"";
      tell("config", text);
      status = AgentStatus.starting(options.node(), List.of(text));
      return;
    }
    FlannelConfig config = parse(entry.get().value());
    config.warnings().forEach(warning -> LOG.warn("node={} config: {}", options.node(), warning));
    InterfaceChoice choice = choose(config);
    List<Link> links = reconciler.observe(desired).links();
    Map<Family, MacAddress> vteps = hardware.vteps(config, links);
    FlannelLease lease = LeasePlan.lease(config, choice.published(), vteps);
    Acquired acquired =
        allocator.acquire(
            options.node(), config, lease, new SubnetEnvFile(options.subnetFile()).read());
    MacAddress bridge = HardwareAddresses.bridge(acquired, links);
    node = Optional.of(new NodeState(config, choice, vteps, bridge, acquired));
    planRenewal(acquired);
    LOG.info(
        "subnet node={} subnet={} reason=\"{}\" interface={} backend={}",
        options.node(),
        acquired.record().key().map(Object::toString).orElse(""),
        acquired.how(),
        choice.device(),
        config.backend().type());
  }

  private FlannelConfig parse(String json) {
    try {
      return FlannelConfig.parse(json);
    } catch (InvalidConfigException e) {
      throw new AgentException("the network configuration is not valid: " + e.getMessage(), e);
    }
  }

  /** Hears each collection from the instant of its listing. */
  private void watchAll() {
    watch("", _ -> {});
    watch(FlannelLayout.SUBNETS, peers::leases);
    watch(FlannelLayout.NODES, peers::nodes);
  }

  private void watch(String collection, Consumer<Listing> begin) {
    Optional.ofNullable(watches.remove(collection)).ifPresent(Watch::close);
    Listing listing = store.list(collection);
    begin.accept(listing);
    watches.put(
        collection,
        store.watch(
            collection, listing.revision(), event -> signals.add(new Signal.Stored(event))));
  }

  private InterfaceChoice choose(FlannelConfig config) {
    Observed observed = reconciler.observe(desired);
    var host = new InterfaceChoice.Host(observed.links(), observed.addresses(), observed.routes());
    return InterfaceChoice.choose(options.interfaces(), config, host, kernel.rtnetlink()::lookup);
  }

  private void planRenewal(Acquired lease) {
    nextRenewal =
        lease
            .untilRenewal(options.renewMargin())
            .map(wait -> clock.instant().plus(wait))
            .orElse(Instant.MAX);
  }

  /**
   * A configuration that came while the agent runs: what can change live does, all else is told and
   * left.
   */
  private void reconfigure(String json) {
    if (node.isEmpty()) {
      return;
    }
    NodeState now = node.get();
    configProblem = "";
    FlannelConfig next;
    try {
      next = FlannelConfig.parse(json);
    } catch (InvalidConfigException e) {
      configProblem =
          "the new network configuration is not valid, the last one stays: " + e.getMessage();
      return;
    }
    if (!next.ipv4().equals(now.config().ipv4()) || !next.ipv6().equals(now.config().ipv6())) {
      configProblem =
          "the pod network changed in the configuration; that takes effect when the agent is restarted";
      return;
    }
    if (next.backend().equals(now.config().backend())) {
      return;
    }
    Map<Family, MacAddress> vteps = hardware.vteps(next, reconciler.observe(desired).links());
    node = Optional.of(new NodeState(next, now.choice(), vteps, now.bridgeMac(), now.lease()));
    LOG.info("configuration changed node={} backend={}", options.node(), next.backend());
  }

  /** Plans and reconciles; gives how long to wait for the next signal. */
  private Duration round(NodeState current) {
    NodeState state = lookedAt(current);
    Snapshot snapshot =
        state.snapshot(
            options, reconciler.observe(desired), peers.allBut(state.lease().entry().key().name()));
    List<PeerPath> paths = PathPlanner.paths(snapshot);
    OptionalInt mtu = podMtu(snapshot);
    if (mtu.isPresent()) {
      desired = Planner.plan(snapshot, paths);
    }
    Reconciler.Outcome outcome = reconciler.reconcile(desired);
    tunnels =
        Set.copyOf(
            reconciler.observe(desired).links().stream()
                .filter(link ->
                    desired
                        .device(link.name())
                        .filter(device -> device instanceof Desired.VxlanDevice)
                        .isPresent())
                .map(Link::index)
                .toList());
    report(snapshot, paths, outcome, mtu.orElse(status.mtu()));
    renewIfDue(state);
    Duration wait = options.resync();
    if (outcome.failed().isEmpty()) {
      pause = Duration.ZERO;
    } else {
      wait = backOff();
    }
    Duration untilRenewal =
        renewing || nextRenewal.equals(Instant.MAX)
            ? wait
            : Duration.between(clock.instant(), nextRenewal);
    return untilRenewal.compareTo(wait) < 0
        ? Duration.ofMillis(Math.max(1, untilRenewal.toMillis()))
        : wait;
  }

  /**
   * Empty when the encapsulation leaves pods too little: a node that starts gives up, one that runs
   * keeps what it has.
   */
  private OptionalInt podMtu(Snapshot snapshot) {
    try {
      mtuProblem = "";
      return OptionalInt.of(Planner.podMtu(snapshot));
    } catch (IllegalArgumentException e) {
      String reason = String.valueOf(e.getMessage());
      if (!status.ready()) {
        throw new AgentException(reason, e);
      }
      mtuProblem = "the kernel stays as it was: " + reason;
      return OptionalInt.empty();
    }
  }

  /** The node with the external device and its addresses as they are now. */
  private NodeState lookedAt(NodeState current) {
    InterfaceChoice now = rechosen(current);
    if (!now.published().equals(current.choice().published())) {
      LOG.info(
          "public address changed node={} from={} to={}",
          options.node(),
          current.choice().published(),
          now.published());
    }
    NodeState next = current.withChoice(now);
    node = Optional.of(next);
    return next;
  }

  /** The external device as it is now; while it is gone, as it was. */
  private InterfaceChoice rechosen(NodeState current) {
    try {
      InterfaceChoice now = choose(current.config());
      told.remove("interface");
      return now.device().equals(current.choice().device()) ? now : current.choice();
    } catch (AgentException e) {
      tell("interface", "the external interface: " + e.getMessage());
      return current.choice();
    }
  }

  private void report(
      Snapshot snapshot, List<PeerPath> paths, Reconciler.Outcome outcome, int mtu) {
    List<String> problems = new ArrayList<>(peers.problems());
    Stream.of(configProblem, leaseProblem, mtuProblem)
        .filter(problem -> !problem.isEmpty())
        .forEach(problems::add);
    for (Kernel.Failed failed : outcome.failed()) {
      problems.add(failed.reason());
    }
    for (String chain : kernel.droppingForwardChains()) {
      problems.add(
          "the nftables chain \""
              + chain
              + "\" drops forwarded packets by its policy, and no rule of another table can overrule that; let"
              + " the pod network through in it");
    }
    List<Cidr> subnets =
        snapshot.local().stacks().values().stream().map(LocalNode.Stack::subnet).sorted().toList();
    boolean ready = status.ready() || writeReady(snapshot, subnets, outcome, mtu);
    status = StatusText.of(snapshot, paths, outcome.failed(), mtu, ready, problems);
    log(problems, paths);
    if (ready) {
      settled.countDown();
    }
  }

  /**
   * Logs what was not the case in the last round; what has gone and comes again is logged again.
   */
  private void log(List<String> problems, List<PeerPath> paths) {
    Set<String> now = new LinkedHashSet<>(problems);
    for (PeerPath path : paths) {
      if (path.path() instanceof Path.Unreachable(String reason)) {
        now.add("peer=" + path.peer() + " subnet=" + path.subnet() + " unreachable: " + reason);
      }
    }
    now.stream()
        .filter(line -> !reported.contains(line))
        .forEach(line -> LOG.warn("node={} {}", options.node(), line));
    reported = now;
  }

  /**
   * A node is ready when its own devices, addresses and rules stand; a single bad peer does not
   * hold it up.
   */
  private boolean writeReady(
      Snapshot snapshot, List<Cidr> subnets, Reconciler.Outcome outcome, int mtu) {
    if (!StatusText.limits(outcome.failed()).isEmpty()) {
      return false;
    }
    onNetwork.accept(new PodNetwork(Devices.BRIDGE, subnets, mtu));
    new SubnetEnvFile(options.subnetFile()).write(NodeState.subnetEnv(snapshot, mtu));
    LOG.info("ready node={} subnets={} mtu={}", options.node(), subnets, mtu);
    return true;
  }

  /**
   * A lease is put again when its time has come, and when the node would publish something else by
   * now. The store may take its time, so that is asked for on a thread of its own, one at a time.
   */
  private void renewIfDue(NodeState now) {
    FlannelLease lease = LeasePlan.lease(now.config(), now.choice().published(), now.vteps());
    boolean changed = !lease.equals(now.lease().record().lease());
    boolean due =
        !clock.instant().isBefore(nextRenewal)
            || (changed && !clock.instant().isBefore(quietUntil));
    if (renewing || !due) {
      return;
    }
    renewing = true;
    Thread.ofVirtual()
        .name("renew-" + options.node())
        .start(() -> {
          try {
            signals.add(new Signal.Renewed(allocator.renew(now.lease(), lease)));
          } catch (RuntimeException e) {
            // Whatever it was: the loop must hear that this renewal is over.
            signals.add(new Signal.NotRenewed(String.valueOf(e.getMessage())));
          }
        });
  }
}
