package io.denim.cli;

import io.denim.agent.AgentException;
import io.denim.agent.SteadyClock;
import io.denim.ipam.DurableFile;
import io.denim.ipam.FlannelLayout;
import io.denim.model.FlannelConfig;
import io.denim.model.InvalidConfigException;
import io.denim.network.LeasedMembership;
import io.denim.network.Membership;
import io.denim.network.kubernetes.KubernetesMembership;
import io.denim.network.kubernetes.KubernetesOptions;
import io.denim.network.kubernetes.NodeName;
import io.denim.store.EmbeddedStore;
import io.denim.store.GrowingPause;
import io.denim.store.Lifetime;
import io.denim.store.Store;
import io.denim.store.UnavailableException;
import io.denim.store.etcd.EtcdStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The network that an agent takes part in, opened as its flags say.
 *
 * @param node this node's name in it
 * @param membership how the node takes part; the agent closes it
 * @param store what has to be closed after the agent
 */
record Networks(String node, Membership membership, Optional<Store> store)
    implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Networks.class);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  static Networks open(FlanneldOptions options, Map<String, String> environment) {
    try {
      return switch (options.network()) {
        case NetworkSource.Embedded(Path folder) -> {
          Store store = new EmbeddedStore(folder, InstantSource.system());
          seed(store, options.netConfigPath());
          yield leased(options, store);
        }
        case NetworkSource.Etcd(var etcd) ->
            leased(options, EtcdStore.open(etcd, RandomGenerator.getDefault()));
        case NetworkSource.Kubernetes kubernetes -> ofKubernetes(options, kubernetes, environment);
      };
    } catch (InvalidConfigException | IllegalArgumentException e) {
      throw new AgentException(String.valueOf(e.getMessage()), e);
    }
  }

  private static Networks leased(FlanneldOptions options, Store store) {
    return new Networks(
        options.nodeName(),
        new LeasedMembership(
            options.nodeName(),
            store,
            options.subnetLeaseRenewMargin(),
            new SteadyClock(InstantSource.system()),
            RandomGenerator.getDefault()),
        Optional.of(store));
  }

  private static Networks ofKubernetes(
      FlanneldOptions options,
      NetworkSource.Kubernetes kubernetes,
      Map<String, String> environment) {
    String node =
        kubernetes.nodeNamed() ? options.nodeName() : ofPod(options, kubernetes, environment);
    return new Networks(
        node,
        KubernetesMembership.open(
            new KubernetesOptions(
                kubernetes.access(),
                node,
                kubernetes.annotationPrefix(),
                options.netConfigPath(),
                kubernetes.setNodeNetworkUnavailable()),
            new SteadyClock(InstantSource.system()),
            RandomGenerator.getDefault()),
        Optional.empty());
  }

  /**
   * The node that this pod runs on, remembered for a start while the API server does not answer;
   * the host's name where there is no pod.
   */
  private static String ofPod(
      FlanneldOptions options,
      NetworkSource.Kubernetes kubernetes,
      Map<String, String> environment) {
    Path memory = options.dataDir().resolve("node-name");
    GrowingPause pause = new GrowingPause(FIRST_PAUSE, LONGEST_PAUSE);
    while (true) {
      try {
        String node =
            NodeName.find(kubernetes.access(), environment, Optional.of(options.nodeName()));
        Files.createDirectories(options.dataDir());
        DurableFile.replace(
            memory,
            node.getBytes(StandardCharsets.UTF_8),
            memory.resolveSibling(".node-name.tmp"),
            "rw-r--r--",
            DurableFile.Sync.YES);
        return node;
      } catch (UnavailableException e) {
        if (Files.exists(memory)) {
          return read(memory);
        }
        LOG.warn("which node this is cannot be found out yet, tried again: {}", e.getMessage());
        sleep(pause.next());
      } catch (IOException e) {
        throw new UncheckedIOException("cannot write " + memory, e);
      }
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private static void sleep(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AgentException("interrupted while waiting for the API server", e);
    }
  }

  /** Denim's own store, when it holds no configuration, takes it from the file, if there is one. */
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

  @Override
  public void close() {
    store.ifPresent(Store::close);
  }
}
