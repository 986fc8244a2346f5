package io.denim.cli;

import io.denim.agent.Agent;
import io.denim.agent.AgentException;
import io.denim.agent.AgentOptions;
import io.denim.agent.AgentOptions.InterfaceOptions;
import io.denim.agent.AgentStatus;
import io.denim.agent.HealthServer;
import io.denim.attach.Folders;
import io.denim.install.CniFolders;
import io.denim.install.ConflistKeeper;
import io.denim.linux.netlink.NetlinkMonitor;
import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import io.denim.state.LocalNode.RuleOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code denim agent}: one agent in this process, until SIGTERM or until it gives up. */
final class AgentRun {
  private static final Logger LOG = LoggerFactory.getLogger(AgentRun.class);
  private static final Duration FOREVER = Duration.ofDays(36_500);

  private AgentRun() {}

  static void run(FlanneldOptions options) {
    LogSetup.install(options.logFormat(), options.verbosity(), System.err);
    options.warnings().forEach(LOG::warn);
    // Before anybody is told that the node is ready: what a build does not have it never will.
    Optional<byte[]> shim = options.cniBinDir().map(_ -> shim());
    CountDownLatch gone = new CountDownLatch(1);
    ServiceNotices notices = ServiceNotices.of(System.getenv());
    try (Namespace namespace = options.netns().map(Namespace::open).orElseGet(Namespace::current);
        HealthServer health =
            HealthServer.open(namespace, options.healthzIp(), options.healthzPort());
        Networks network = Networks.open(options, System.getenv());
        NetlinkMonitor monitor = new NetlinkMonitor()) {
      Agent agent =
          Agent.start(
              agentOptions(options, network.node()),
              namespace,
              network.membership(),
              monitor,
              InstantSource.system(),
              RandomGenerator.getDefault());
      Thread hook = new Thread(() -> endBySignal(agent, notices, gone), "agent-end");
      Runtime.getRuntime().addShutdownHook(hook);
      try {
        health.attend(agent, Version.current().denim());
        agent.onBeat(() -> notices.alive(agent.summary()));
        agent.awaitReady(FOREVER);
        // Not sooner: a runtime that reads the conflist starts pods.
        try (ConflistKeeper keeper = keeper(options, shim, namespace, agent.status())) {
          agent.alsoTell(keeper::problems);
          notices.ready(agent.summary());
          agent.awaitEnd();
        }
      } finally {
        if (isOurs(hook)) {
          agent.close();
        }
      }
    } catch (AgentException e) {
      throw CommandException.failure(String.valueOf(e.getMessage()));
    } finally {
      gone.countDown();
    }
  }

  private static ConflistKeeper keeper(
      FlanneldOptions options, Optional<byte[]> shim, Namespace namespace, AgentStatus status) {
    return ConflistKeeper.start(
        new CniFolders(options.cniConfDir(), options.cniBinDir(), options.cniDataDir()),
        shim::orElseThrow,
        namespace,
        status.networks().stream().map(Cidr::parse).toList(),
        InstantSource.system());
  }

  private static byte[] shim() {
    try (InputStream in = ConflistKeeper.class.getResourceAsStream(ConflistKeeper.SHIM)) {
      if (in == null) {
        throw CommandException.failure(
            "cannot install the CNI plugin: this build has no "
                + ConflistKeeper.SHIM
                + "; build it with musl-gcc, or leave --cni-bin-dir out");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the CNI plugin from this build", e);
    }
  }

  /**
   * flanneld ends with 0 when it is told to, and services are set up for that; a JVM would with
   * 143.
   */
  private static void endBySignal(Agent agent, ServiceNotices notices, CountDownLatch gone) {
    notices.stopping();
    agent.close();
    try {
      var _ = gone.await(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(0);
  }

  /** Whether the end is this thread's to make: it is not when the JVM is ending already. */
  private static boolean isOurs(Thread hook) {
    try {
      return Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return false;
    }
  }

  private static AgentOptions agentOptions(FlanneldOptions options, String node) {
    return new AgentOptions(
        node,
        new InterfaceOptions(
            options.ifaces(),
            options.ifaceRegexes(),
            options.ifaceCanReach(),
            options.publicIp(),
            options.publicIpv6()),
        options.subnetFile(),
        options.dataDir(),
        Optional.of(options.socket()),
        Optional.of(options.cniSocket()),
        new Folders(
            options.dataDir().resolve("attachments"),
            options.dataDir().resolve("journal"),
            options.cniDataDir()),
        options.contained(),
        new RuleOptions(
            options.ipMasq(),
            options.ipMasqFullyRandom(),
            options.forwardRules(),
            options.blackholeRoute()),
        options.subnetLeaseRenewMargin(),
        options.resync());
  }
}
