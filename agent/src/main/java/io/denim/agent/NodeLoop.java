package io.denim.agent;

import io.denim.apply.Kernel;
import io.denim.apply.LinuxKernel;
import io.denim.apply.Observed;
import io.denim.apply.Observed.Part;
import io.denim.apply.Reconciler;
import io.denim.attach.PodNetwork;
import io.denim.ipam.AllocationException;
import io.denim.ipam.SubnetEnvFile;
import io.denim.linux.LinuxException;
import io.denim.linux.netlink.FdbEntry;
import io.denim.linux.netlink.Link;
import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.model.InvalidConfigException;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.MacAddress;
import io.denim.network.Membership;
import io.denim.network.Membership.View;
import io.denim.network.Remembered;
import io.denim.plan.Desired;
import io.denim.plan.Devices;
import io.denim.plan.PathPlanner;
import io.denim.plan.PathTable;
import io.denim.plan.PeerObjects;
import io.denim.plan.PeerPath;
import io.denim.plan.Planner;
import io.denim.state.LocalNode;
import io.denim.state.Peer;
import io.denim.state.Snapshot;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that holds a node's state: folds what comes, plans, reconciles, and reports. A round
 * is whole when the kernel or the node itself may have changed; when only some peers did, theirs
 * alone are planned and changed.
 */
final class NodeLoop implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  private final AgentOptions options;
  private final LinuxKernel kernel;
  private final BlockingQueue<Signal> signals;
  private final CountDownLatch settled;
  private final Consumer<PodNetwork> onNetwork;
  private final Registrar registrar;
  private final Enrolment enrolment;
  private final HardwareAddresses hardware;
  private final Reconciler reconciler;
  private final Report report;
  private final AgentMeters meters;
  private final Pulse pulse;

  private Optional<NodeState> node = Optional.empty();
  private Optional<Wished> wished = Optional.empty();
  private String configText = "";
  private List<String> lastProblems = List.of();
  private boolean announced;
  private Desired desired = Desired.NOTHING;
  private Optional<PathTable> paths = Optional.empty();
  private Optional<Snapshot> snapshot = Optional.empty();
  private List<Cidr> shownSubnets = List.of();
  private boolean whole = true;
  private boolean lookAtForeignRules = true;
  private List<String> droppingChains = List.of();
  private Duration pause = Duration.ZERO;
  private String mtuProblem = "";
  private String configProblem = "";
  private volatile Set<Integer> tunnels = Set.of();

  NodeLoop(
      AgentOptions options,
      Membership membership,
      InstantSource clock,
      RandomGenerator random,
      LinuxKernel kernel,
      BlockingQueue<Signal> signals,
      CountDownLatch settled,
      Consumer<PodNetwork> onNetwork,
      AgentMeters meters,
      Pulse pulse) {
    this.options = options;
    this.kernel = kernel;
    this.signals = signals;
    this.settled = settled;
    this.onNetwork = onNetwork;
    this.meters = meters;
    this.pulse = pulse;
    this.registrar = new Registrar(options.node(), membership, signals::add);
    this.enrolment =
        new Enrolment(
            membership,
            registrar,
            clock,
            new SubnetEnvFile(options.subnetFile()),
            options.dataDir().resolve("network.json"));
    this.hardware = new HardwareAddresses(random);
    this.reconciler = new Reconciler(kernel);
    this.report = new Report(options.node());
  }

  Report report() {
    return report;
  }

  /** Whether a forwarding entry came or went as this node wants it. */
  boolean expects(FdbEntry entry, boolean deleted) {
    return reconciler.expects(entry, deleted);
  }

  boolean hasOwnNeighbours(int ifindex) {
    return tunnels.contains(ifindex);
  }

  @Override
  public void run() {
    String end = "it ended by an error of Denim's; the log has it";
    try {
      while (step()) {
        // Each step waits for signals by itself.
      }
      end = "the agent was told to end";
    } catch (AgentException | AllocationException | InvalidConfigException e) {
      String reason = Optional.ofNullable(e.getMessage()).orElse(e.toString());
      LOG.error("agent gives up node={} reason=\"{}\"", options.node(), reason);
      report.waiting(List.of(reason));
      end = reason;
    } finally {
      pulse.ended(end);
      settled.countDown();
    }
  }

  /** One round; false when the agent is to end. */
  private boolean step() {
    Duration wait;
    try {
      enrolment.advance(this::wishes);
      if (node.isPresent()) {
        wait = round(node.get());
      } else {
        report.waiting(problems());
        report.tell("enrolment", String.join("; ", problems()));
        wait = options.resync();
      }
    } catch (LinuxException e) {
      report.tell("kernel", "the kernel refused: " + e.getMessage());
      reconciler.hint(EnumSet.allOf(Part.class));
      whole = true;
      wait = backOff();
    }
    Duration planned = enrolment.nextIn().orElse(wait);
    return await(planned.compareTo(wait) < 0 ? planned : wait, wait);
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

  /** Waits for the first signal, then takes all that have come. */
  private boolean await(Duration wait, Duration resync) {
    try {
      Duration least = Duration.ofMillis(1);
      Optional<Signal> first = pulse.take(signals, wait.compareTo(least) < 0 ? least : wait);
      if (first.isEmpty()) {
        if (wait.equals(resync)) {
          // Nothing told us anything for a while: look at everything, for what is never told.
          reconciler.hint(EnumSet.allOf(Part.class));
          lookAtForeignRules = true;
          whole = true;
        }
        return true;
      }
      List<Signal> taken = new ArrayList<>();
      taken.add(first.get());
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
      case Signal.Kernel(Set<Part> parts) -> {
        reconciler.hint(parts);
        lookAtForeignRules |= parts.contains(Part.TABLE);
        whole = true;
      }
      case Signal.Network() -> {
        enrolment.networkChanged();
        reconfigure();
      }
      case Signal.Followed(Optional<FlannelLease> published) -> enrolment.followed(published);
      case Signal.Joined(Membership.Held held) -> joined(held);
      case Signal.NotYet answer -> {
        enrolment.notYet(answer, node.isPresent());
        goOnFromMemory();
      }
      case Signal.Stop() -> {
        return false;
      }
    }
    return true;
  }

  /** What this node wants to be known by; kept until the answer to it comes. */
  private FlannelLease wishes(String text) {
    FlannelConfig config = enrolment.parse(text);
    InterfaceChoice choice = choose(config);
    List<Link> links = reconciler.observe(desired).links();
    Map<Family, MacAddress> vteps = hardware.vteps(config, links, enrolment.published());
    FlannelLease lease = LeasePlan.lease(config, choice.published(), vteps);
    wished = Optional.of(new Wished(text, config, choice, vteps));
    return lease;
  }

  /** What a node was about to be when it asked to join. */
  private record Wished(
      String text, FlannelConfig config, InterfaceChoice choice, Map<Family, MacAddress> vteps) {}

  private void joined(Membership.Held held) {
    boolean first = !enrolment.hasJoined();
    enrolment.joined(held);
    meters.lease(held.renewIn().map(options.renewMargin()::plus));
    if (first) {
      Wished begun = wished.orElseThrow();
      begun
          .config()
          .warnings()
          .forEach(warning -> LOG.warn("node={} config: {}", options.node(), warning));
      begin(begun, held);
      LOG.info(
          "subnet node={} record={} reason=\"{}\" interface={} backend={}",
          options.node(),
          held.key(),
          held.how(),
          begun.choice().device(),
          begun.config().backend().type());
      reconfigure();
    } else {
      node = node.map(state -> state.withHeld(held));
    }
    whole = true;
  }

  private void begin(Wished begun, Membership.Held held) {
    List<Link> links = reconciler.observe(desired).links();
    configText = begun.text();
    node =
        Optional.of(
            new NodeState(
                begun.config(),
                begun.choice(),
                begun.vteps(),
                HardwareAddresses.bridge(held.record(), links),
                held));
    whole = true;
  }

  /** A node that cannot join for now goes on with what it had. */
  private void goOnFromMemory() {
    if (node.isPresent() || enrolment.standIn().isEmpty()) {
      return;
    }
    Remembered known = enrolment.standIn().get();
    try {
      var _ = wishes(known.configuration());
      begin(
          wished.orElseThrow(),
          new Membership.Held(known.own(), known.key(), "remembered", Optional.empty()));
      LOG.warn(
          "node={} goes on with what it knew of the network at {}: {}",
          options.node(),
          known.at(),
          enrolment.problem());
    } catch (AgentException e) {
      report.tell("memory", "what this node remembers is of no use: " + e.getMessage());
    }
  }

  private InterfaceChoice choose(FlannelConfig config) {
    Observed observed = reconciler.observe(desired);
    var host = new InterfaceChoice.Host(observed.links(), observed.addresses(), observed.routes());
    return InterfaceChoice.choose(
        options.interfaces().with(enrolment.view().addresses()),
        config,
        host,
        kernel.rtnetlink()::lookup);
  }

  /**
   * A configuration that came while the agent runs: what can change live does, all else is told and
   * left.
   */
  private void reconfigure() {
    Optional<String> text = enrolment.view().configuration();
    if (node.isEmpty() || !enrolment.hasJoined() || text.filter(configText::equals).isPresent()) {
      return;
    }
    text.ifPresent(json -> {
      configText = json;
      reconfigure(node.get(), json);
    });
  }

  private void reconfigure(NodeState now, String json) {
    configProblem = "";
    whole = true;
    FlannelConfig next;
    try {
      next = enrolment.parse(json);
    } catch (AgentException e) {
      configProblem = e.getMessage() + "; the last one stays in force";
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
    Map<Family, MacAddress> vteps =
        hardware.vteps(
            next, reconciler.observe(desired).links(), Optional.of(now.held().record().lease()));
    node = Optional.of(new NodeState(next, now.choice(), vteps, now.bridgeMac(), now.held()));
    LOG.info("configuration changed node={} backend={}", options.node(), next.backend());
  }

  /** Plans and reconciles; gives how long to wait for the next signal. */
  private Duration round(NodeState current) {
    long start = System.nanoTime();
    Duration wait = options.resync();
    List<Peer> peers = enrolment.peers();
    List<String> known = problems();
    whole |= !known.equals(lastProblems);
    lastProblems = known;
    if (!whole && onlyPeers(peers, start)) {
      enrolment.publishIfDue(lease(current), current.held().record().lease());
      enrolment.writeDown(current);
      return wait;
    }
    whole = false;
    NodeState state = lookedAt(current);
    Snapshot now = state.snapshot(options, reconciler.observe(desired), peers);
    List<PeerPath> planned = PathPlanner.paths(now);
    OptionalInt mtu = podMtu(now);
    if (mtu.isPresent()) {
      desired = Planner.plan(now, planned);
    }
    Reconciler.Outcome outcome = reconciler.reconcile(desired);
    meters.round(desired, outcome, since(start));
    tunnels = tunnels();
    report(now, planned, outcome, mtu.orElse(report.mtu()));
    snapshot = Optional.of(now);
    if (outcome.isSettled() && mtu.isPresent()) {
      pause = Duration.ZERO;
      paths = Optional.of(new PathTable(now, planned));
    } else {
      paths = Optional.empty();
      whole = true;
      wait = backOff();
    }
    enrolment.publishIfDue(lease(state), state.held().record().lease());
    enrolment.writeDown(state);
    return wait;
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private static FlannelLease lease(NodeState state) {
    return LeasePlan.lease(state.config(), state.choice().published(), state.vteps());
  }

  /** Changes what has changed in the peers; false when a whole round is needed. */
  private boolean onlyPeers(List<Peer> peers, long start) {
    if (paths.isEmpty() || snapshot.isEmpty()) {
      return false;
    }
    Snapshot next = snapshot.get().withPeers(peers);
    Optional<PathTable.Change> change = paths.get().moveTo(next);
    if (change.isPresent() && change.get().before().equals(change.get().after())) {
      snapshot = Optional.of(next);
      report.peers(next);
      return true;
    }
    Optional<Reconciler.Outcome> outcome =
        change.flatMap(peerPaths ->
            reconciler.change(
                PeerObjects.of(peerPaths.before()), PeerObjects.of(peerPaths.after())));
    outcome.ifPresent(done -> meters.round(done, since(start)));
    if (outcome.filter(done -> done.failed().isEmpty()).isEmpty()) {
      paths = Optional.empty();
      return false;
    }
    snapshot = Optional.of(next);
    report.peers(next);
    report.log(change.orElseThrow().after());
    return true;
  }

  private Set<Integer> tunnels() {
    return Set.copyOf(
        reconciler.observe(desired).links().stream()
            .filter(link ->
                desired
                    .device(link.name())
                    .filter(device -> device instanceof Desired.VxlanDevice)
                    .isPresent())
            .map(Link::index)
            .toList());
  }

  /**
   * Empty when the encapsulation leaves pods too little: a node that starts gives up, one that runs
   * keeps what it has.
   */
  private OptionalInt podMtu(Snapshot now) {
    try {
      mtuProblem = "";
      return OptionalInt.of(Planner.podMtu(now));
    } catch (IllegalArgumentException e) {
      String reason = String.valueOf(e.getMessage());
      if (!report.ready()) {
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
      report.settled("interface");
      return now.device().equals(current.choice().device()) ? now : current.choice();
    } catch (AgentException e) {
      report.tell("interface", "the external interface: " + e.getMessage());
      return current.choice();
    }
  }

  /** What is wrong with the network as far as it is known. */
  private List<String> problems() {
    View view = enrolment.view();
    return Stream.of(
            Stream.of(enrolment.problem(), configProblem, mtuProblem).filter(p -> !p.isEmpty()),
            view.problems().stream())
        .flatMap(each -> each)
        .toList();
  }

  private void report(Snapshot now, List<PeerPath> planned, Reconciler.Outcome outcome, int mtu) {
    List<String> problems = new ArrayList<>(lastProblems);
    outcome.failed().stream().map(Kernel.Failed::reason).forEach(problems::add);
    if (lookAtForeignRules) {
      lookAtForeignRules = false;
      droppingChains = kernel.droppingForwardChains();
    }
    for (String chain : droppingChains) {
      problems.add(
          "the nftables chain \""
              + chain
              + "\" drops forwarded packets by its policy, and no rule of another table can overrule that; let"
              + " the pod network through in it");
    }
    List<Cidr> subnets =
        now.local().stacks().values().stream().map(LocalNode.Stack::subnet).sorted().toList();
    boolean ready =
        (report.ready() && subnets.equals(shownSubnets)) || writeReady(now, subnets, outcome, mtu);
    report.round(now, outcome.failed(), mtu, ready, problems);
    report.log(problems, planned);
    if (ready) {
      settled.countDown();
    }
    if (ready && !announced && enrolment.hasJoined()) {
      announced = true;
      registrar.announceReady();
    }
  }

  /**
   * A node is ready when its own devices, addresses and rules stand; a single bad peer does not
   * hold it up.
   */
  private boolean writeReady(
      Snapshot now, List<Cidr> subnets, Reconciler.Outcome outcome, int mtu) {
    if (!StatusText.limits(outcome.failed()).isEmpty()) {
      return false;
    }
    onNetwork.accept(new PodNetwork(Devices.BRIDGE, subnets, mtu));
    new SubnetEnvFile(options.subnetFile()).write(NodeState.subnetEnv(now, mtu));
    LOG.info("ready node={} subnets={} mtu={}", options.node(), subnets, mtu);
    shownSubnets = subnets;
    return true;
  }
}
