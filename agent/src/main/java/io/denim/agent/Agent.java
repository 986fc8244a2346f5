package io.denim.agent;

import io.denim.apply.LinuxKernel;
import io.denim.apply.Observed.Part;
import io.denim.attach.AttachmentException;
import io.denim.attach.Attachments;
import io.denim.attach.NodeCondition;
import io.denim.attach.NodeReach;
import io.denim.attach.Plugin;
import io.denim.linux.netlink.NetlinkMonitor;
import io.denim.linux.netlink.NetlinkMonitor.Change;
import io.denim.linux.netlink.NetlinkMonitor.Topic;
import io.denim.linux.ns.Namespace;
import io.denim.network.Membership;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** The agent of one node. */
public final class Agent implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Set<Topic> TOPICS =
      EnumSet.of(
          Topic.LINK, Topic.ADDRESS, Topic.ROUTE, Topic.NEXTHOP, Topic.NEIGHBOUR, Topic.NFTABLES);

  /** How long calls of a runtime wait for the node of an agent that has only begun. */
  private static final Duration ARRIVAL = Duration.ofSeconds(5);

  private static final Duration REPLAY = Duration.ofSeconds(2);

  /** Others often change several things one after the other. */
  private static final Duration MENDING = Duration.ofMillis(10);

  private final ScheduledExecutorService chores =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("agent-chores").daemon().factory());
  private final PodNotices notices = new PodNotices();
  private final AtomicBoolean mending = new AtomicBoolean();
  private final LinkedBlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  private final CountDownLatch settled = new CountDownLatch(1);
  private final long begun = System.nanoTime();
  private final LinuxKernel kernel;
  private final List<NetlinkMonitor.Subscription> subscriptions;
  private final Attachments attachments;
  private final Plugin plugin;
  private final Optional<CniServer> cni;
  private final NodeReach reach;
  private final NodeLoop loop;
  private final Report report;
  private final Membership membership;
  private final InstantSource clock;
  private final AgentMeters meters = new AgentMeters();
  private final Pulse pulse = new Pulse(System::nanoTime);
  private final Thread thread;
  private final StatusServer server;
  private volatile Supplier<List<String>> besides = List::of;

  private Agent(
      AgentOptions options,
      Namespace namespace,
      Membership membership,
      NetlinkMonitor monitor,
      InstantSource clock,
      RandomGenerator random) {
    reach = reach(options, namespace);
    kernel = new LinuxKernel(namespace, reach.sysctl());
    this.membership = membership;
    this.clock = clock;
    attachments = attachments(options, reach, namespace, clock, random);
    reach.whenArrived(this::nodeArrived);
    plugin = new Plugin(attachments, namespace, this::condition, this::awaitArrival, meters);
    loop =
        new NodeLoop(
            options,
            membership,
            clock,
            random,
            kernel,
            signals,
            settled,
            attachments::configure,
            meters,
            pulse);
    report = loop.report();
    subscriptions = monitor.subscribe(namespace, TOPICS, this::heard);
    server = new StatusServer(options.socket(), this::status);
    plugin.replay();
    cni = options.cniSocket().map(socket -> new CniServer(socket, plugin));
    var _ =
        chores.scheduleWithFixedDelay(
            plugin::replay, REPLAY.toMillis(), REPLAY.toMillis(), TimeUnit.MILLISECONDS);
    var _ =
        chores.scheduleWithFixedDelay(
            attachments::mendRules,
            options.resync().toMillis(),
            options.resync().toMillis(),
            TimeUnit.MILLISECONDS);
    thread = Thread.ofPlatform().name("agent-" + options.node()).daemon().start(loop);
  }

  private static NodeReach reach(AgentOptions options, Namespace namespace) {
    Path shared = options.subnetFile().toAbsolutePath().getParent();
    return options.contained() && shared != null
        ? NodeReach.ofContainer(namespace, shared)
        : NodeReach.ofHost(namespace);
  }

  private void nodeArrived() {
    attachments.nodeArrived();
    signals.add(new Signal.Kernel(EnumSet.of(Part.SYSCTLS)));
  }

  private Attachments attachments(
      AgentOptions options,
      NodeReach reach,
      Namespace namespace,
      InstantSource clock,
      RandomGenerator random) {
    try {
      return new Attachments(options.attachments(), reach, namespace, clock, random);
    } catch (AttachmentException e) {
      kernel.close();
      throw new AgentException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Waits until the node is ready or the agent has given up, while it is new. */
  private void awaitArrival() {
    try {
      var _ = settled.await(begun + ARRIVAL.toNanos() - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private NodeCondition condition() {
    Report.Condition now = report.condition();
    if (!now.ready()) {
      return new NodeCondition.NotReady(now.problems());
    }
    return now.limits().isEmpty()
        ? new NodeCondition.Ready()
        : new NodeCondition.Limited(now.limits());
  }

  /**
   * Starts an agent and returns at once.
   *
   * @param namespace the node's network; must stay open as long as the agent
   * @param membership how the node takes part in its network; closed by the agent
   * @param monitor hears the kernel's notifications; stays the caller's
   */
  public static Agent start(
      AgentOptions options,
      Namespace namespace,
      Membership membership,
      NetlinkMonitor monitor,
      InstantSource clock,
      RandomGenerator random) {
    return new Agent(options, namespace, membership, monitor, clock, random);
  }

  /** Turns a notification into a hint. Called on the monitor's thread. */
  private void heard(Change change) {
    if (change instanceof Change.Overrun) {
      meters.overrun();
    }
    boolean pods = notices.isOfPods(change);
    boolean rules =
        switch (change) {
          case Change.Changed(Topic topic, int sender, _) ->
              topic == Topic.NFTABLES && !isOwn(sender);
          case Change.LinkChanged _, Change.ForwardingChanged _, Change.NeighbourChanged _ -> false;
          case Change.Overrun _ -> true;
        };
    if (rules && mending.compareAndSet(false, true)) {
      var _ = chores.schedule(this::mendRules, MENDING.toMillis(), TimeUnit.MILLISECONDS);
    }
    if (pods) {
      return;
    }
    Set<Part> parts =
        switch (change) {
          case Change.Changed(Topic topic, int sender, int ifindex) ->
              isOwn(sender) || (topic == Topic.NEIGHBOUR && !loop.tunnelPlan().isTunnel(ifindex))
                  ? EnumSet.noneOf(Part.class)
                  : parts(topic);
          case Change.ForwardingChanged entry ->
              isOwn(entry.sender()) || !loop.tunnelPlan().isBroken(entry)
                  ? EnumSet.noneOf(Part.class)
                  : parts(Topic.NEIGHBOUR);
          case Change.NeighbourChanged entry ->
              isOwn(entry.sender()) || !loop.tunnelPlan().isBroken(entry)
                  ? EnumSet.noneOf(Part.class)
                  : parts(Topic.NEIGHBOUR);
          case Change.LinkChanged link ->
              isOwn(link.sender()) ? EnumSet.noneOf(Part.class) : parts(Topic.LINK);
          case Change.Overrun _ -> EnumSet.allOf(Part.class);
        };
    if (!parts.isEmpty()) {
      signals.add(new Signal.Kernel(parts));
    }
  }

  private boolean isOwn(int sender) {
    return kernel.isOwn(sender) || attachments.isOwn(sender);
  }

  /** What is changed while this looks is looked at once more. */
  private void mendRules() {
    mending.set(false);
    attachments.mendRules();
  }

  private static Set<Part> parts(Topic topic) {
    return switch (topic) {
      // A link that goes down takes routes and neighbours along without a word.
      case LINK -> EnumSet.complementOf(EnumSet.of(Part.TABLE, Part.SYSCTLS));
      case ADDRESS -> EnumSet.of(Part.ADDRESSES, Part.ROUTES);
      case ROUTE, RULE -> EnumSet.of(Part.ROUTES);
      // Deleting a nexthop takes its routes along without a word.
      case NEXTHOP -> EnumSet.of(Part.NEXTHOPS, Part.ROUTES);
      case NEIGHBOUR -> EnumSet.of(Part.NEIGHBOURS, Part.FORWARDING);
      case NFTABLES -> EnumSet.of(Part.TABLE);
    };
  }

  /**
   * Waits until the node has its subnet and the kernel is as it should be.
   *
   * @throws AgentException when the agent gave up, or is not ready in time; with the reason
   */
  public void awaitReady(Duration timeout) {
    try {
      boolean done = settled.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
      Report.Condition now = report.condition();
      if (!done || !now.ready()) {
        throw new AgentException(
            "agent of node "
                + status().node()
                + " is not ready: "
                + String.join("; ", now.problems()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AgentException("interrupted while waiting for the agent", e);
    }
  }

  /** Waits until the agent's loop has ended, by itself or by {@link #close}. */
  public void awaitEnd() {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What the agent knows and does. */
  public AgentStatus status() {
    return report
        .status()
        .with(
            attachments.all().stream().map(StatusText::of).toList(),
            Stream.concat(attachments.problems().stream(), besides.get().stream()).toList(),
            StatusText.of(membership.health().report(), clock.instant()),
            StatusText.of(membership.view().unreadable()));
  }

  /** Whether the node has its network. */
  public boolean isReady() {
    return report.ready();
  }

  /** What is wrong with the agent itself, so that it had better be started anew. */
  public Optional<String> fault() {
    return pulse.fault();
  }

  /**
   * Calls this from now on as long as the agent works, every few seconds, on its own thread; it
   * must return at once.
   */
  public void onBeat(Runnable call) {
    pulse.onBeat(call);
  }

  /** How the agent is, on one line for a service manager. */
  public String summary() {
    return report.summary(attachments.all().size());
  }

  /** What probes are told; {@code version} is Denim's. */
  HealthServer.Subject health(String version) {
    return new AgentHealth(
        pulse,
        report::ready,
        () -> new Metrics(version, meters, this::status, membership.health()));
  }

  /** Shows the problems of something that runs beside the agent in its status, as they are then. */
  public void alsoTell(Supplier<List<String>> problems) {
    besides = problems;
  }

  /** Stops. The kernel's state stays as it is: pods keep their network. */
  @Override
  public void close() {
    cni.ifPresent(CniServer::close);
    chores.shutdownNow();
    subscriptions.forEach(NetlinkMonitor.Subscription::close);
    signals.add(new Signal.Stop());
    try {
      thread.join(PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    membership.close();
    server.close();
    attachments.close();
    reach.close();
    kernel.close();
  }
}
