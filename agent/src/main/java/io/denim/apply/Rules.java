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

  static TableState table(Desired.Firewall firewall) {
    return new TableState(
        TableState.Family.INET,
        TABLE,
        List.of(),
        List.of(
            chain(
                "postrouting", "nat", TableState.Point.POSTROUTING, SRCNAT, firewall.postrouting()),
            chain("forward", "filter", TableState.Point.FORWARD, FILTER, firewall.forward())));
  }

  private static TableState.Chain chain(
      String name,
      String type,
      TableState.Point point,
      int priority,
      List<Desired.FirewallRule> rules) {
    return new TableState.Chain(
        name,
        Optional.of(new TableState.Hook(type, point, priority, true)),
        rules.stream().map(Rules::rule).toList());
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
