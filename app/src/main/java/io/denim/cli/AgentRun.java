package io.denim.cli;

import io.denim.agent.Agent;
import io.denim.agent.AgentException;
import io.denim.agent.AgentOptions;
import io.denim.agent.AgentOptions.InterfaceOptions;
import io.denim.agent.HealthServer;
import io.denim.ipam.FlannelLayout;
import io.denim.linux.ServiceManager;
import io.denim.linux.netlink.NetlinkMonitor;
import io.denim.linux.ns.Namespace;
import io.denim.model.FlannelConfig;
import io.denim.model.InvalidConfigException;
import io.denim.state.LocalNode.RuleOptions;
import io.denim.store.EmbeddedStore;
import io.denim.store.Lifetime;
import io.denim.store.Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;

/** {@code denim agent}: one agent in this process, until SIGTERM or until it gives up. */
final class AgentRun {
  private static final Duration FOREVER = Duration.ofDays(36_500);

  private AgentRun() {}

  static void run(FlanneldOptions options) {
    LogSetup.install(options.logFormat(), options.verbosity(), System.err);
    CountDownLatch gone = new CountDownLatch(1);
    try (Store store = new EmbeddedStore(options.storeDir(), InstantSource.system());
        Namespace namespace = options.netns().map(Namespace::open).orElseGet(Namespace::current);
        NetlinkMonitor monitor = new NetlinkMonitor()) {
      seed(store, options.netConfigPath());
      Agent agent =
          Agent.start(
              agentOptions(options),
              namespace,
              store,
              monitor,
              InstantSource.system(),
              RandomGenerator.getDefault());
      Thread hook = new Thread(() -> close(agent, gone), "agent-end");
      Runtime.getRuntime().addShutdownHook(hook);
      try (HealthServer _ =
          HealthServer.start(
              namespace, options.healthzIp(), options.healthzPort(), agent::status)) {
        agent.awaitReady(FOREVER);
        Optional.ofNullable(System.getenv("NOTIFY_SOCKET"))
            .ifPresent(socket -> ServiceManager.notify(socket, "READY=1"));
        agent.awaitEnd();
      }
    } catch (AgentException e) {
      throw CommandException.failure(String.valueOf(e.getMessage()));
    } finally {
      gone.countDown();
    }
  }

  private static void close(Agent agent, CountDownLatch gone) {
    agent.close();
    try {
      var _ = gone.await(2, java.util.concurrent.TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A store that holds no configuration takes it from the file, if there is one. */
  private static void seed(Store store, Path file) {
    if (!Files.exists(file) || store.get(FlannelLayout.CONFIG).isPresent()) {
      return;
    }
    try {
      String json = Files.readString(file);
      FlannelConfig.parse(json);
      store.create(FlannelLayout.CONFIG, json, Lifetime.permanent());
    } catch (InvalidConfigException e) {
      throw CommandException.failure(file + " is not valid: " + e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private static AgentOptions agentOptions(FlanneldOptions options) {
    return new AgentOptions(
        options.nodeName(),
        new InterfaceOptions(
            options.ifaces(),
            options.ifaceRegexes(),
            options.ifaceCanReach(),
            options.publicIp(),
            options.publicIpv6()),
        options.subnetFile(),
        options.dataDir(),
        Optional.of(options.socket()),
        new RuleOptions(
            options.ipMasq(),
            options.ipMasqFullyRandom(),
            options.forwardRules(),
            options.blackholeRoute()),
        options.subnetLeaseRenewMargin(),
        options.resync());
  }
}
