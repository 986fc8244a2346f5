package io.denim.agent;

import io.denim.linux.netlink.Link;
import io.denim.model.FlannelConfig;
import io.denim.net.Family;
import io.denim.net.MacAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The network's configuration as it changes while the agent runs: what can change live does, all
 * else is told and left. Used by the loop's thread.
 */
final class LiveConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

  private final String name;
  private final Enrolment enrolment;
  private final HardwareAddresses hardware;
  private String text = "";
  private String inForce = "";
  private String problem = "";

  /** Of a node of this name, before it has a network. */
  LiveConfiguration(String name, Enrolment enrolment, HardwareAddresses hardware) {
    this.name = name;
    this.enrolment = enrolment;
    this.hardware = hardware;
  }

  /** The node begins with this one. */
  void begin(String begun) {
    text = begun;
    inForce = begun;
  }

  /** Whether it is another one than the last that came. */
  boolean isNew(String json) {
    return !json.equals(text);
  }

  /** The text of the one that is in force. */
  String inForce() {
    return inForce;
  }

  /** Why the last one that came is not in force; empty when it is. */
  String problem() {
    return problem;
  }

  /**
   * Takes one in that came while the agent runs; the node as it is by that.
   *
   * @param links the node's devices
   */
  NodeState change(NodeState now, String json, Supplier<List<Link>> links) {
    // What the kernel refuses to say is asked for again in the next round, so nothing is noted
    // before.
    NodeState next = changed(now, json, links);
    text = json;
    if (problem.isEmpty()) {
      inForce = json;
    }
    return next;
  }

  private NodeState changed(NodeState now, String json, Supplier<List<Link>> links) {
    FlannelConfig next;
    try {
      next = enrolment.parse(json);
    } catch (AgentException e) {
      problem = e.getMessage() + "; the last one stays in force";
      return now;
    }
    if (!next.ipv4().equals(now.config().ipv4()) || !next.ipv6().equals(now.config().ipv6())) {
      problem =
          "the pod network changed in the configuration; that takes effect when the agent is"
              + " restarted";
      return now;
    }
    NodeState changed = now;
    if (!next.backend().equals(now.config().backend())) {
      Map<Family, MacAddress> vteps =
          hardware.vteps(next, links.get(), Optional.of(now.held().record().lease()));
      changed = new NodeState(next, now.choice(), vteps, now.bridgeMac(), now.held());
      LOG.info("configuration changed node={} backend={}", name, next.backend());
    }
    problem = "";
    return changed;
  }
}
