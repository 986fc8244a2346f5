package io.denim.plan;

import io.denim.model.Backend;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.plan.Desired.Condition;
import io.denim.plan.Desired.Firewall;
import io.denim.plan.Desired.FirewallRule;
import io.denim.plan.Desired.Verdict;
import io.denim.state.LocalNode.RuleOptions;
import io.denim.state.LocalNode.Stack;
import io.denim.state.Snapshot;
import java.util.ArrayList;
import java.util.List;

/**
 * flannel's masquerade and forward rules. Their meaning is that of flannel's iptables mode in both
 * of its modes: the mark is tested by bit, and traffic from outside for a pod of this node keeps
 * its source address.
 */
final class FirewallPlanner {
  /** kube-proxy's mark for packets that it masquerades itself. */
  private static final int KUBE_MASQUERADE_MARK = 0x4000;

  private static final Cidr MULTICAST_V4 = Cidr.parse("224.0.0.0/4");
  private static final Cidr MULTICAST_V6 = Cidr.parse("ff00::/8");

  private FirewallPlanner() {}

  static Firewall firewall(Snapshot snapshot) {
    RuleOptions options = snapshot.local().rules();
    List<FirewallRule> postrouting = new ArrayList<>();
    List<FirewallRule> forward = new ArrayList<>();
    for (Family family : Family.values()) {
      snapshot
          .local()
          .stack(family)
          .flatMap(stack ->
              snapshot
                  .config()
                  .network(family)
                  .map(network -> new Scope(family, network.network(), stack)))
          .ifPresent(scope -> {
            if (options.masquerade()) {
              postrouting.addAll(scope.masquerade(snapshot, options));
            }
            if (options.forward()) {
              forward.addAll(scope.forward());
            }
          });
    }
    return new Firewall(postrouting, forward);
  }

  /** One family's network and this node's part of it. */
  private record Scope(Family family, Cidr network, Stack stack) {
    List<FirewallRule> masquerade(Snapshot snapshot, RuleOptions options) {
      Verdict masquerade = options.randomFully() ? Verdict.MASQUERADE_RANDOM : Verdict.MASQUERADE;
      Cidr own = stack.subnet();
      Cidr multicast = family == Family.IPV4 ? MULTICAST_V4 : MULTICAST_V6;
      List<FirewallRule> rules = new ArrayList<>();
      if (snapshot.config().backend() instanceof Backend.Vxlan vxlan) {
        // An outer packet can carry the mark of the inner one; translating it again breaks its
        // checksum on old kernels.
        snapshot
            .underlay()
            .address(family)
            .ifPresent(local ->
                rules.add(
                    rule(
                        Verdict.RETURN,
                        "outer packets of the tunnel",
                        from(Cidr.host(local)),
                        new Condition.UdpTo(vxlan.effectivePort()))));
      }
      rules.add(
          rule(
              Verdict.RETURN,
              "marked by kube-proxy",
              from(Cidr.of(network.address(), 0)),
              new Condition.MarkSet(KUBE_MASQUERADE_MARK)));
      rules.add(rule(Verdict.RETURN, "own pod to a pod", from(own), to(network)));
      rules.add(rule(Verdict.RETURN, "a pod to an own pod", from(network), to(own)));
      rules.add(rule(Verdict.RETURN, "outside to an own pod", notFrom(network), to(own)));
      rules.add(rule(masquerade, "a pod to the outside", from(network), notTo(multicast)));
      rules.add(rule(masquerade, "outside to a pod elsewhere", notFrom(network), to(network)));
      return rules;
    }

    List<FirewallRule> forward() {
      return List.of(
          rule(Verdict.ACCEPT, "from pods", from(network)),
          rule(Verdict.ACCEPT, "to pods", to(network)));
    }

    private static FirewallRule rule(Verdict then, String comment, Condition... when) {
      return new FirewallRule(List.of(when), then, comment);
    }

    private static Condition from(Cidr cidr) {
      return new Condition.Source(cidr, false);
    }

    private static Condition notFrom(Cidr cidr) {
      return new Condition.Source(cidr, true);
    }

    private static Condition to(Cidr cidr) {
      return new Condition.Destination(cidr, false);
    }

    private static Condition notTo(Cidr cidr) {
      return new Condition.Destination(cidr, true);
    }
  }
}
