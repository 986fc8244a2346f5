package io.denim.agent;

import io.denim.apply.Reconciler;
import io.denim.attach.PodNetwork;
import io.denim.ipam.SubnetEnvFile;
import io.denim.net.Cidr;
import io.denim.plan.Devices;
import io.denim.state.LocalNode;
import io.denim.state.Snapshot;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a node's network is there for pods, and who is told: the CNI plugin, readers of
 * subnet.env, and once the node has joined, the network. Used by the loop's thread.
 */
final class Readiness {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

  private final AgentOptions options;
  private final Consumer<PodNetwork> onNetwork;
  private final Registrar registrar;
  private boolean ready;
  private boolean announced;
  private List<Cidr> shownSubnets = List.of();
  private int shownMtu;

  /** Of a node that is not ready yet. */
  Readiness(AgentOptions options, Consumer<PodNetwork> onNetwork, Registrar registrar) {
    this.options = options;
    this.onNetwork = onNetwork;
    this.registrar = registrar;
  }

  /**
   * A round has ended so. A node becomes ready when its own devices, addresses and rules stand; a
   * single bad peer does not hold it up. Once ready it stays so while it has these subnets.
   */
  boolean update(Snapshot now, Reconciler.Outcome outcome, int mtu, boolean joined) {
    List<Cidr> subnets =
        now.local().stacks().values().stream().map(LocalNode.Stack::subnet).sorted().toList();
    boolean stands = StatusText.limits(outcome.failed()).isEmpty();
    if (!ready || !subnets.equals(shownSubnets)) {
      ready = stands;
    }
    if (ready && stands && (!subnets.equals(shownSubnets) || mtu != shownMtu)) {
      onNetwork.accept(new PodNetwork(Devices.BRIDGE, subnets, mtu));
      new SubnetEnvFile(options.subnetFile()).write(NodeState.subnetEnv(now, mtu));
      LOG.info("ready node={} subnets={} mtu={}", options.node(), subnets, mtu);
      shownSubnets = subnets;
      shownMtu = mtu;
    }
    if (ready && joined && !announced) {
      announced = true;
      registrar.announceReady();
    }
    return ready;
  }
}
