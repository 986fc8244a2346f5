package io.denim.agent;

import java.util.List;

/**
 * What an agent shows of itself.
 *
 * @param node the node's name
 * @param ready whether subnet.env is written and the kernel is as it should be
 * @param backend the backend in force
 * @param networks the pod networks
 * @param subnets this node's part of them
 * @param device the external device
 * @param publicAddresses the addresses that peers send to
 * @param mtu the pods' MTU in octets
 * @param paths the way to each remote subnet
 * @param problems what is wrong, in words for a person
 */
public record AgentStatus(
    String node,
    boolean ready,
    String backend,
    List<String> networks,
    List<String> subnets,
    String device,
    List<String> publicAddresses,
    int mtu,
    List<PathStatus> paths,
    List<String> problems) {
  /** Copies the lists. */
  public AgentStatus {
    networks = List.copyOf(networks);
    subnets = List.copyOf(subnets);
    publicAddresses = List.copyOf(publicAddresses);
    paths = List.copyOf(paths);
    problems = List.copyOf(problems);
  }

  /** The status of an agent that has just been started. */
  static AgentStatus starting(String node, List<String> problems) {
    return new AgentStatus(
        node, false, "", List.of(), List.of(), "", List.of(), 0, List.of(), problems);
  }

  /**
   * The way to one remote subnet.
   *
   * @param peer the node that holds it
   * @param subnet the subnet
   * @param path {@code direct}, {@code vxlan} or {@code unreachable}
   * @param via by what: next hop or remote, and device
   * @param reason why this path was chosen
   * @param health {@code ok}, or what is wrong
   */
  public record PathStatus(
      String peer, String subnet, String path, String via, String reason, String health) {}
}
