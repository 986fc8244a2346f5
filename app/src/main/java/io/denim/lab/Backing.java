package io.denim.lab;

import java.util.List;
import java.util.Map;

/** What the nodes of a running lab share: where their network's configuration and subnets are. */
sealed interface Backing extends AutoCloseable
    permits EmbeddedBacking, EtcdBacking, KubernetesCluster {
  /** Begins to serve, and makes nodes what they must be for their agents to start. */
  void start();

  /** Writes the network's configuration, for the first time or another time. */
  void configure(String netConf);

  /** The network's configuration. */
  String configuration();

  /** The flags by which an agent, Denim's or flanneld, finds it. */
  List<String> flags(AgentKind agent, String node);

  /** The environment of an agent that is a process on a machine. */
  Map<String, String> environment(String node);

  /** Waits for what follows from the agents being ready. */
  void complete();

  @Override
  void close();
}
