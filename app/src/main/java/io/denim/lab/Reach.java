package io.denim.lab;

import io.denim.lab.LabState.Member;
import io.denim.linux.ns.Namespace;
import io.denim.linux.packet.IcmpEcho;
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
   * One direction between two members of a lab.
   *
   * @param from who asks
   * @param to who answers
   * @param path {@code local} on one node, else what the sender's agent chose
   * @param rtt the shortest of the round trips, empty when none was answered
   */
  public record Row(String from, String to, String path, Optional<String> rtt) {
    /** Whether an answer came. */
    public boolean reached() {
      return rtt.isPresent();
    }
  }

  /** Every pod to every other, each asked this often. */
  public static List<Row> all(LabState lab, int count) {
    List<Row> rows = new ArrayList<>();
    for (Member from : lab.of("pod")) {
      for (Member to : lab.of("pod")) {
        if (!from.name().equals(to.name())) {
          rows.add(between(lab, from.name(), to.name(), count));
        }
      }
    }
    return rows;
  }

  /** One direction; {@code to} is a name or an address. */
  public static Row between(LabState lab, String from, String to, int count) {
    IpAddress target = IpAddress.tryParse(to).orElseGet(() -> lab.member(to).address());
    String path = lab.path(lab.member(from), target);
    // Where there is no way, one question is enough.
    int questions = path.equals("unreachable") ? 1 : count;
    Optional<Duration> best = ping(lab, from, target, questions);
    return new Row(from, to, path, best.map(Reach::text));
  }

  private static String text(Duration rtt) {
    return String.format(Locale.ROOT, "%.3f ms", rtt.toNanos() / 1e6);
  }

  /** The shortest of several round trips to an address. */
  public static Optional<Duration> ping(LabState lab, String from, IpAddress target, int count) {
    Optional<Duration> best = Optional.empty();
    try (Namespace namespace = lab.open(from);
        IcmpEcho echo = IcmpEcho.open(namespace, target.family())) {
      for (int i = 0; i < count; i++) {
        Optional<Duration> rtt = echo.ping(target, PATIENCE);
        if (rtt.isPresent() && (best.isEmpty() || rtt.get().compareTo(best.get()) < 0)) {
          best = rtt;
        }
      }
    }
    return best;
  }
}
