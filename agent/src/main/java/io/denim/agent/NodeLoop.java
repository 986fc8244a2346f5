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
import io.denim.linux.netlink.Link;
import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.model.InvalidConfigException;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import io.denim.network.Membership;
import io.denim.network.Remembered;
import io.denim.plan.Desired;
import io.denim.plan.PathPlanner;
import io.denim.plan.PathTable;
import io.denim.plan.PeerObjects;
import io.denim.plan.PeerPath;
import io.denim.plan.Planner;
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
import java.util.stream.Collectors;
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

  private final AgentOptions options;
  private final LinuxKernel kernel;
  private final BlockingQueue<Signal> signals;
  private final CountDownLatch settled;
  private final Registrar registrar;
  private final Memory memory;
  private final Enrolment enrolment;
  private final HardwareAddresses hardware;
  private final Reconciler reconciler;
  private final Report report;
  private final Readiness readiness;
  private final ExternalInterface external;
  private final LiveConfiguration configuration;
  private final Timetable timetable;
  private final TunnelPlan tunnelPlan = new TunnelPlan();
  private final AgentMeters meters;
  private final Pulse pulse;

  private Optional<NodeState> node = Optional.empty();
  private Optional<Wished> wished = Optional.empty();
  private Optional<Membership.Held> arrived = Optional.empty();
  private boolean admitted;
  private List<String> lastProblems = List.of();
  private List<String> kernelProblems = List.of();
  private Map<Family, IpAddress> lastAddresses = Map.of();
  private Desired desired = Desired.NOTHING;
  private Optional<PathTable> paths = Optional.empty();
  private Optional<Snapshot> snapshot = Optional.empty();
  private boolean whole = true;
  private boolean lookAtForeignRules = true;
  private List<String> droppingChains = List.of();
  private String mtuProblem = "";
  private String memoryProblem = "";

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
    this.meters = meters;
    this.pulse = pulse;
    this.registrar = new Registrar(options.node(), membership, signals::add);
    InstantSource steady = new SteadyClock(clock);
    this.memory = new Memory(options.dataDir().resolve("network.json"), clock, steady);
    this.enrolment =
        new Enrolment(
            membership, registrar, clock, steady, new SubnetEnvFile(options.subnetFile()), memory);
    this.hardware = new HardwareAddresses(random);
    this.reconciler = new Reconciler(kernel);
    this.report = new Report(options.node());
    this.readiness = new Readiness(options, onNetwork, registrar);
    this.configuration = new LiveConfiguration(options.node(), enrolment, hardware);
    this.external = new ExternalInterface(options, kernel.rtnetlink(), report);
    this.timetable = new Timetable(steady, options.resync());
  }

  Report report() {
    return report;
  }

  /** Tells whether news of neighbours and forwarding entries concern this node; for all threads. */
  TunnelPlan tunnelPlan() {
    return tunnelPlan;
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
      registrar.close();
      memory.close();
      pulse.ended(end);
      settled.countDown();
    }
  }

  /** One round; false when the agent is to end. */
  private boolean step() {
    try {
      lookIfItIsTime();
      arrived.ifPresent(this::admit);
      reconfigure();
      enrolment.advance(this::wishes);
      goOnFromMemory();
      node.ifPresentOrElse(this::round, this::tellWhatIsWaitedFor);
      report.settled("kernel");
    } catch (LinuxException e) {
      String reason = "the kernel refused: " + e.getMessage();
      report.tell("kernel", reason);
      report.waiting(List.of(reason));
      reconciler.hint(EnumSet.allOf(Part.class));
      whole = true;
      paths = Optional.empty();
      return await(timetable.afterRefusal());
    }
    Duration wait = timetable.next();
    Duration planned = enrolment.nextIn().orElse(wait);
    return await(planned.compareTo(wait) < 0 ? planned : wait);
  }

  /** For what is never told. */
  private void lookIfItIsTime() {
    if (timetable.isTimeToLook()) {
      reconciler.hint(EnumSet.allOf(Part.class));
      lookAtForeignRules = true;
      whole = true;
    }
  }

  private void tellWhatIsWaitedFor() {
    List<String> problems = problems();
    report.waiting(problems);
    report.tell("enrolment", String.join("; ", problems));
  }

  /** Waits for the first signal, then takes all that have come. */
  private boolean await(Duration wait) {
    try {
      Duration least = Duration.ofMillis(1);
      Optional<Signal> first = pulse.take(signals, wait.compareTo(least) < 0 ? least : wait);
      if (first.isEmpty()) {
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

  /** Notes a signal. Asks the kernel nothing, so that none of the others is lost. */
  private boolean take(Signal signal) {
    switch (signal) {
      case Signal.Kernel(Set<Part> parts) -> {
        reconciler.hint(parts);
        lookAtForeignRules |= parts.contains(Part.TABLE);
        whole = true;
      }
      case Signal.Network() -> enrolment.networkChanged();
      case Signal.Followed(Optional<FlannelLease> published) -> enrolment.followed(published);
      case Signal.Joined(Membership.Held held) -> {
        enrolment.joined(held);
        meters.lease(held.renewIn().map(options.renewMargin()::plus));
        arrived = Optional.of(held);
      }
      case Signal.NotYet answer -> enrolment.notYet(answer, node.isPresent());
      case Signal.Stop() -> {
        return false;
      }
    }
    return true;
  }

  /** What this node wants to be known by; kept until the answer to it comes. */
  private FlannelLease wishes(String text) {
    Wished wish = wish(text);
    wished = Optional.of(wish);
    return wish.lease();
  }

  private Wished wish(String text) {
    FlannelConfig config = enrolment.parse(text);
    InterfaceChoice choice = external.choose(config, enrolment.view(), observed());
    List<Link> links = observed().links();
    return new Wished(text, config, choice, hardware.vteps(config, links, enrolment.published()));
  }

  /** What a node was about to be when it asked to join. */
  private record Wished(
      String text, FlannelConfig config, InterfaceChoice choice, Map<Family, MacAddress> vteps) {
    FlannelLease lease() {
      return LeasePlan.lease(config, choice.published(), vteps);
    }
  }

  /** Takes in what the node has got by joining or publishing itself. */
  private void admit(Membership.Held held) {
    node.filter(state -> !state.hasSubnetsOf(held)).ifPresent(state -> tellOfOthers(state, held));
    if (admitted) {
      node = node.map(state -> state.withHeld(held));
    } else {
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
    }
    memoryProblem = "";
    admitted = true;
    arrived = Optional.empty();
    whole = true;
  }

  private void tellOfOthers(NodeState before, Membership.Held held) {
    LOG.warn(
        "node={} has other subnets now: {} instead of {}, since {}; pods that run still have addresses of"
            + " the old ones and have to be made anew",
        options.node(),
        held.key(),
        before.held().key(),
        held.how());
  }

  private void begin(Wished begun, Membership.Held held) {
    List<Link> links = observed().links();
    configuration.begin(begun.text());
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
    if (node.isPresent() || !enrolment.isStuck() || enrolment.standIn().isEmpty()) {
      return;
    }
    Remembered known = enrolment.standIn().get();
    try {
      Wished wish = wish(known.configuration());
      List<String> reasons = problems();
      begin(wish, new Membership.Held(known.own(), known.key(), "remembered", Optional.empty()));
      memoryProblem = "the node goes on with what it knew of its network at " + known.at();
      LOG.warn("node={} {}: {}", options.node(), memoryProblem, String.join("; ", reasons));
    } catch (AgentException e) {
      report.tell("memory", "what this node remembers is of no use: " + e.getMessage());
    }
  }

  private void reconfigure() {
    Optional<String> text = enrolment.view().configuration();
    if (node.isPresent() && admitted && text.filter(configuration::isNew).isPresent()) {
      node = Optional.of(configuration.change(node.get(), text.get(), () -> observed().links()));
      whole = true;
    }
  }

  /** Plans and reconciles what is due, and publishes the node if it has changed. */
  private void round(NodeState current) {
    long start = System.nanoTime();
    Map<Family, IpAddress> addresses = enrolment.view().addresses();
    whole |= timetable.isTimeToTryAgain() || !addresses.equals(lastAddresses);
    lastAddresses = addresses;
    List<Peer> peers = enrolment.peers();
    if (whole || (paths.isPresent() && !onlyPeers(peers, start))) {
      wholeRound(lookedAt(current), peers, start);
    } else if (!problems().equals(lastProblems)) {
      lastProblems = problems();
      report.problems(allProblems());
    }
    NodeState state = node.orElse(current);
    enrolment.publishIfDue(
        LeasePlan.lease(state.config(), state.choice().published(), state.vteps()));
    enrolment.writeDown(state, configuration.inForce());
  }

  private void wholeRound(NodeState state, List<Peer> peers, long start) {
    whole = false;
    paths = Optional.empty();
    Snapshot now = state.snapshot(options, observed(), peers);
    List<PeerPath> planned = PathPlanner.paths(now);
    OptionalInt mtu = podMtu(now);
    if (mtu.isPresent()) {
      Desired plan = Planner.plan(now, planned);
      // Whoever came after the node wrote down what it knew is not in what it remembers.
      desired = admitted ? plan : plan.withUnknownPeers();
    }
    tunnelPlan.set(desired.neighbours(), desired.forwarding());
    Reconciler.Outcome outcome = reconciler.reconcile(desired);
    meters.round(desired, outcome, since(start));
    tunnelPlan.tunnels(tunnels());
    report(now, planned, outcome, mtu.orElse(report.mtu()));
    snapshot = Optional.of(now);
    if (mtu.isPresent() && StatusText.limits(outcome.failed()).isEmpty()) {
      // A peer whose objects the kernel refuses does not make a change of another one dear.
      paths = Optional.of(new PathTable(now, planned));
    }
    if (outcome.isSettled() && mtu.isPresent()) {
      timetable.allDone();
    } else {
      timetable.tryAgain();
    }
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** Changes what has changed in the peers; false when a whole round is needed. */
  private boolean onlyPeers(List<Peer> peers, long start) {
    Snapshot next = snapshot.orElseThrow().withPeers(peers);
    Optional<PathTable.Change> change = paths.orElseThrow().moveTo(next);
    if (change.isPresent() && change.get().before().equals(change.get().after())) {
      snapshot = Optional.of(next);
      report.peers(next);
      return true;
    }
    Optional<Reconciler.Outcome> outcome =
        change.flatMap(peerPaths ->
            change(PeerObjects.of(peerPaths.before()), PeerObjects.of(peerPaths.after())));
    outcome.ifPresent(done -> meters.round(done, since(start)));
    if (outcome.filter(done -> done.failed().isEmpty()).isEmpty()) {
      return false;
    }
    snapshot = Optional.of(next);
    report.peers(next);
    report.log(change.orElseThrow().after());
    return true;
  }

  private Optional<Reconciler.Outcome> change(PeerObjects before, PeerObjects after) {
    tunnelPlan.remove(before.neighbours(), before.forwarding());
    tunnelPlan.add(after.neighbours(), after.forwarding());
    return reconciler.change(before, after);
  }

  private Set<Integer> tunnels() {
    return observed().links().stream()
        .filter(link ->
            desired
                .device(link.name())
                .filter(device -> device instanceof Desired.VxlanDevice)
                .isPresent())
        .map(Link::index)
        .collect(Collectors.toSet());
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
    NodeState next = current.withChoice(external.again(current, enrolment.view(), observed()));
    node = Optional.of(next);
    return next;
  }

  private Observed observed() {
    return reconciler.observe(desired);
  }

  /** What is wrong with the network as far as it is known. */
  private List<String> problems() {
    return Stream.of(
            enrolment.problems().stream(),
            Stream.of(memoryProblem, configuration.problem(), mtuProblem).filter(p -> !p.isEmpty()),
            enrolment.view().problems().stream())
        .flatMap(each -> each)
        .toList();
  }

  private List<String> allProblems() {
    return Stream.concat(lastProblems.stream(), kernelProblems.stream()).toList();
  }

  private void report(Snapshot now, List<PeerPath> planned, Reconciler.Outcome outcome, int mtu) {
    if (lookAtForeignRules) {
      lookAtForeignRules = false;
      droppingChains = kernel.droppingForwardChains();
    }
    List<String> found = new ArrayList<>();
    outcome.failed().stream().map(Kernel.Failed::reason).forEach(found::add);
    for (String chain : droppingChains) {
      found.add(
          "the nftables chain \""
              + chain
              + "\" drops forwarded packets by its policy, and no rule of another table can overrule that; let"
              + " the pod network through in it");
    }
    kernelProblems = found;
    lastProblems = problems();
    boolean ready = readiness.update(now, outcome, mtu, enrolment.hasJoined());
    report.round(now, outcome.failed(), mtu, ready, allProblems());
    report.log(allProblems(), planned);
    if (ready) {
      settled.countDown();
    }
  }
}
