package io.denim.agent;

import java.util.List;
import java.util.stream.Stream;

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
 * @param attachments what is attached to this node
 * @param problems what is wrong, in words for a person
 * @param limits what of the node's own devices, addresses and rules the kernel refuses
 * @param store whether the network's store answers
 * @param unreadable records of the store that nobody can read, in the order of their names
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
    List<AttachmentStatus> attachments,
    List<String> problems,
    List<String> limits,
    StoreStatus store,
    List<RecordStatus> unreadable) {
  /** Copies the lists. */
  public AgentStatus {
    networks = List.copyOf(networks);
    subnets = List.copyOf(subnets);
    publicAddresses = List.copyOf(publicAddresses);
    paths = List.copyOf(paths);
    attachments = List.copyOf(attachments);
    problems = List.copyOf(problems);
    limits = List.copyOf(limits);
    unreadable = List.copyOf(unreadable);
  }

  /** The status of an agent that has just been started. */
  static AgentStatus starting(String node, List<String> problems) {
    return new AgentStatus(
        node,
        false,
        "",
        List.of(),
        List.of(),
        "",
        List.of(),
        0,
        List.of(),
        List.of(),
        problems,
        List.of(),
        StoreStatus.UNKNOWN,
        List.of());
  }

  /**
   * This status with what others know.
   *
   * @param attached what is attached
   * @param attachmentProblems what is wrong with that
   * @param asked whether the network's store answers
   * @param bad which of its records nobody can read
   */
  AgentStatus with(
      List<AttachmentStatus> attached,
      List<String> attachmentProblems,
      StoreStatus asked,
      List<RecordStatus> bad) {
    return new AgentStatus(
        node,
        ready,
        backend,
        networks,
        subnets,
        device,
        publicAddresses,
        mtu,
        paths,
        attached,
        Stream.concat(problems.stream(), attachmentProblems.stream()).toList(),
        limits,
        asked,
        bad);
  }

  /**
   * Whether the network's store answers.
   *
   * @param reachable whether it answered when it was last asked
   * @param since since when that is so
   * @param lastContact when it last answered or told of a change
   * @param reason why it is not reachable; empty when it is
   */
  public record StoreStatus(boolean reachable, String since, String lastContact, String reason) {
    /** Nobody has asked it yet. */
    static final StoreStatus UNKNOWN = new StoreStatus(false, "", "", "");
  }

  /**
   * A record of the store that nobody can read, and that is skipped until somebody mends it.
   *
   * @param record its name
   * @param reason what is wrong with it
   */
  public record RecordStatus(String record, String reason) {}

  /**
   * What a container has by one of its interfaces.
   *
   * @param pod namespace/name of the pod, or empty where the runtime told none
   * @param ifname the interface in the container
   * @param addresses its addresses
   * @param mac its hardware address
   * @param host the node's end
   * @param bridge the bridge that the node's end is a port of
   * @param network the network's name
   * @param ports ports of the node that lead to it, such as {@code 8080/tcp -> 80}
   * @param since when it was attached
   * @param container the container as the runtime names it
   * @param netns the container's namespace as the runtime named it
   */
  public record AttachmentStatus(
      String pod,
      String ifname,
      List<String> addresses,
      String mac,
      String host,
      String bridge,
      String network,
      List<String> ports,
      String since,
      String container,
      String netns) {
    /** Copies the lists. */
    public AttachmentStatus {
      addresses = List.copyOf(addresses);
      ports = List.copyOf(ports);
    }
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
