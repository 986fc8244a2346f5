package io.denim.lab;

import io.denim.agent.AgentStatus.PathStatus;
import io.denim.linux.packet.IcmpEcho;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Who reaches whom, by which path, and how fast. */
public final class Reach {
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private Reach() {}

  /**
   * One direction between two pods.
   *
   * @param from the pod that asks
   * @param to the pod that answers
   * @param path {@code local} on one node, else what the sender's agent chose
   * @param rtt the shortest of the round trips in milliseconds, empty when none was answered
   */
  public record Row(String from, String to, String path, Optional<String> rtt) {
    /** Whether an answer came. */
    public boolean reached() {
      return rtt.isPresent();
    }
  }

  /** Every pod to every other, each asked this often. */
  public static List<Row> all(Lab lab, int count) {
    List<Row> rows = new ArrayList<>();
    for (Lab.Pod from : lab.pods()) {
      for (Lab.Pod to : lab.pods()) {
        if (!from.name().equals(to.name())) {
          rows.add(between(lab, from.name(), to.name(), count));
        }
      }
    }
    return rows;
  }

  /** One direction between two pods or nodes. */
  public static Row between(Lab lab, String from, String to, int count) {
    IpAddress target = addressOf(lab, to);
    Optional<Duration> best = ping(lab, from, target, count);
    return new Row(
        from,
        to,
        path(lab, from, target),
        best.map(rtt -> String.format(Locale.ROOT, "%.3f ms", rtt.toNanos() / 1e6)));
  }

  /** The shortest of several round trips to an address. */
  public static Optional<Duration> ping(Lab lab, String from, IpAddress target, int count) {
    Optional<Duration> best = Optional.empty();
    try (IcmpEcho echo = IcmpEcho.open(lab.namespace(from), target.family())) {
      for (int i = 0; i < count; i++) {
        Optional<Duration> rtt = echo.ping(target, PATIENCE);
        if (rtt.isPresent() && (best.isEmpty() || rtt.get().compareTo(best.get()) < 0)) {
          best = rtt;
        }
      }
    }
    return best;
  }

  private static IpAddress addressOf(Lab lab, String name) {
    Optional<IpAddress> literal = IpAddress.tryParse(name);
    if (literal.isPresent()) {
      return literal.get();
    }
    return lab.config()
        .node(name)
        .flatMap(node ->
            lab.config()
                .addressOf(node, io.denim.net.Family.IPV4)
                .or(() -> lab.config().addressOf(node, io.denim.net.Family.IPV6)))
        .map(io.denim.net.InterfaceAddress::address)
        .or(() ->
            name.equals(LabConfig.OUTSIDE)
                ? Optional.of(LabConfig.OUTSIDE_V4.address().plus(2))
                : Optional.empty())
        .orElseGet(() -> lab.pod(name).address());
  }

  private static String path(Lab lab, String from, IpAddress target) {
    Optional<String> node =
        lab.config()
            .node(from)
            .map(LabConfig.Node::name)
            .or(() ->
                lab.pods().stream()
                    .filter(p -> p.name().equals(from))
                    .map(Lab.Pod::node)
                    .findFirst());
    if (node.isEmpty()) {
      return "";
    }
    var status = lab.status(node.get());
    if (status.subnets().stream().anyMatch(subnet -> Cidr.parse(subnet).contains(target))) {
      return "local";
    }
    return status.paths().stream()
        .filter(path -> Cidr.parse(path.subnet()).contains(target))
        .map(PathStatus::path)
        .findFirst()
        .orElse("underlay");
  }
}
