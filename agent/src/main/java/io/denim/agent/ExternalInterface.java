package io.denim.agent;

import io.denim.apply.Observed;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.model.FlannelConfig;
import io.denim.network.Membership.View;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The device that a node reaches its peers by: chosen when it joins, and looked at again in every
 * whole round. Its addresses may change while the agent runs; the device itself stays.
 */
final class ExternalInterface {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

  private final AgentOptions options;
  private final Rtnetlink kernel;
  private final Report report;

  ExternalInterface(AgentOptions options, Rtnetlink kernel, Report report) {
    this.options = options;
    this.kernel = kernel;
    this.report = report;
  }

  /**
   * The device for a configuration.
   *
   * @throws AgentException when there is none
   */
  InterfaceChoice choose(FlannelConfig config, View view, Observed observed) {
    var host = new InterfaceChoice.Host(observed.links(), observed.addresses(), observed.routes());
    return InterfaceChoice.choose(
        options.interfaces().with(view.addresses()), config, host, kernel::lookup);
  }

  /** The device as it is now; while it is gone, as it was. */
  InterfaceChoice again(NodeState node, View view, Observed observed) {
    InterfaceChoice before = node.choice();
    InterfaceChoice now = rechosen(node, view, observed);
    if (!now.published().equals(before.published())) {
      LOG.info(
          "public address changed node={} from={} to={}",
          options.node(),
          before.published(),
          now.published());
    }
    return now;
  }

  private InterfaceChoice rechosen(NodeState node, View view, Observed observed) {
    InterfaceChoice before = node.choice();
    try {
      InterfaceChoice now = choose(node.config(), view, observed);
      if (now.device().equals(before.device())) {
        report.settled("interface");
        return now;
      }
      report.tell(
          "interface",
          "the external interface would be "
              + now.device()
              + " now, and stays "
              + before.device()
              + " until the agent is restarted");
    } catch (AgentException e) {
      report.tell("interface", "the external interface: " + e.getMessage());
    }
    return before;
  }
}
