package io.denim.agent;

import io.denim.apply.Kernel;
import io.denim.plan.Path;
import io.denim.plan.PathPlanner;
import io.denim.plan.PeerPath;
import io.denim.state.Snapshot;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the loop tells of itself: a status for who asks, and log lines that say a thing once. The
 * loop's thread writes, any thread reads; the status of thousands of peers is made when it is asked
 * for.
 */
final class Report {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

  private final String node;
  private final Map<String, String> told = new HashMap<>();
  private final Set<String> reported = new LinkedHashSet<>();
  private volatile Shown shown;

  /** What there is to be told, as one value. */
  private record Shown(
      Optional<Snapshot> snapshot,
      List<Kernel.Failed> failed,
      int mtu,
      boolean ready,
      List<String> problems) {}

  Report(String node) {
    this.node = node;
    shown = new Shown(Optional.empty(), List.of(), 0, false, List.of("starting"));
  }

  /** The node has nothing yet, for these reasons. */
  void waiting(List<String> reasons) {
    Shown now = shown;
    if (now.snapshot.isEmpty()) {
      shown = new Shown(Optional.empty(), List.of(), 0, false, reasons);
    }
  }

  /** A round has ended so. */
  void round(
      Snapshot snapshot,
      List<Kernel.Failed> failed,
      int mtu,
      boolean ready,
      List<String> problems) {
    shown = new Shown(Optional.of(snapshot), failed, mtu, ready, problems);
  }

  /** Some peers have changed and nothing else. */
  void peers(Snapshot snapshot) {
    Shown now = shown;
    shown = new Shown(Optional.of(snapshot), now.failed, now.mtu, now.ready, now.problems);
  }

  /** Other things are wrong, and nothing else has changed. */
  void problems(List<String> problems) {
    Shown now = shown;
    shown = new Shown(now.snapshot, now.failed, now.mtu, now.ready, problems);
    warn(problems);
  }

  /** One line for a person who looks at a list of services. */
  String summary(int interfaces) {
    Shown now = shown;
    if (!now.ready) {
      return now.problems.isEmpty() ? "waiting" : "waiting: " + now.problems.getFirst();
    }
    int peers = now.snapshot.map(snapshot -> snapshot.peers().size()).orElse(0);
    return "ready: "
        + counted(peers, "peer")
        + ", "
        + counted(interfaces, "attached interface")
        + (now.problems.isEmpty() ? "" : ", " + counted(now.problems.size(), "problem"));
  }

  private static String counted(int count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  boolean ready() {
    return shown.ready;
  }

  int mtu() {
    return shown.mtu;
  }

  /** The status now, with all paths. */
  AgentStatus status() {
    Shown now = shown;
    return now.snapshot
        .map(snapshot ->
            StatusText.of(
                snapshot,
                PathPlanner.paths(snapshot),
                now.failed,
                now.mtu,
                now.ready,
                now.problems))
        .orElseGet(() -> AgentStatus.starting(node, now.problems));
  }

  /** Whether the node is ready, with what is wrong and what the kernel refuses. */
  Condition condition() {
    Shown now = shown;
    return new Condition(now.ready, now.problems, StatusText.limits(now.failed));
  }

  record Condition(boolean ready, List<String> problems, List<String> limits) {}

  /** Logs a text once, until another text of the same subject. */
  void tell(String subject, String text) {
    if (!text.equals(told.put(subject, text)) && !text.isEmpty()) {
      LOG.warn("node={} {}", node, text);
    }
  }

  /** The subject is all right again. */
  void settled(String subject) {
    told.remove(subject);
  }

  /**
   * Logs what was not the case in the last round; what has gone and comes again is logged again.
   */
  void log(List<String> problems, List<PeerPath> paths) {
    Set<String> now = new LinkedHashSet<>(problems);
    unreachable(paths, now);
    reported.retainAll(now);
    warn(now);
  }

  /** Logs of these paths, which have just changed, those that lead nowhere. */
  void log(List<PeerPath> changed) {
    Set<String> lines = new LinkedHashSet<>();
    unreachable(changed, lines);
    warn(lines);
  }

  private void warn(Collection<String> lines) {
    for (String line : lines) {
      if (reported.add(line)) {
        LOG.warn("node={} {}", node, line);
      }
    }
  }

  private static void unreachable(List<PeerPath> paths, Set<String> lines) {
    for (PeerPath path : paths) {
      if (path.path() instanceof Path.Unreachable(String reason)) {
        lines.add("peer=" + path.peer() + " subnet=" + path.subnet() + " unreachable: " + reason);
      }
    }
  }
}
