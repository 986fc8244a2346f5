package io.denim.apply;

import io.denim.linux.nft.Expr;
import io.denim.linux.nft.Match;
import io.denim.linux.nft.TableState;
import io.denim.linux.nft.Verdict;
import io.denim.plan.Desired;
import io.denim.plan.Desired.Condition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes the planned rules as one nftables table. */
final class Rules {
  /** The name of Denim's table, in family inet. */
  static final String TABLE = "denim";

  private static final int SRCNAT = 100;
  private static final int FILTER = 0;

  private Rules() {}

  /**
   * A chain without rules is left out: a nat chain alone makes the kernel track every connection.
   */
  static TableState table(Desired.Firewall firewall) {
    List<TableState.Chain> chains = new ArrayList<>();
    if (!firewall.postrouting().isEmpty()) {
      var hook = new TableState.Hook("nat", TableState.Point.POSTROUTING, SRCNAT, true);
      chains.add(chain("postrouting", hook, firewall.postrouting()));
    }
    if (!firewall.forward().isEmpty()) {
      var hook = new TableState.Hook("filter", TableState.Point.FORWARD, FILTER, true);
      chains.add(chain("forward", hook, firewall.forward()));
    }
    return new TableState(TableState.Family.INET, TABLE, List.of(), chains);
  }

  private static TableState.Chain chain(
      String name, TableState.Hook hook, List<Desired.FirewallRule> rules) {
    return new TableState.Chain(name, Optional.of(hook), rules.stream().map(Rules::rule).toList());
  }

  private static TableState.Rule rule(Desired.FirewallRule rule) {
    List<Expr> exprs = new ArrayList<>();
    for (Condition condition : rule.when()) {
      exprs.addAll(
          switch (condition) {
            case Condition.Source(var in, var negated) -> Match.source(in, negated);
            case Condition.Destination(var in, var negated) -> Match.destination(in, negated);
            case Condition.MarkSet(int bits) -> Match.markSet(bits);
            case Condition.UdpTo(int port) -> Match.udpTo(port);
          });
    }
    exprs.add(
        switch (rule.then()) {
          case RETURN -> new Expr.Decide(new Verdict.Return());
          case ACCEPT -> new Expr.Decide(new Verdict.Accept());
          case MASQUERADE -> Match.masquerade(false);
          case MASQUERADE_RANDOM -> Match.masquerade(true);
        });
    return new TableState.Rule(exprs, rule.comment());
  }
}
