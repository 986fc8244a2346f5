package io.denim.cli;

import io.denim.router.Answers.Done;
import io.denim.router.Answers.Explanation;
import io.denim.router.Answers.Reloaded;
import io.denim.router.PeerReport;
import io.denim.router.PeerSummary;
import io.denim.router.RouteRow;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Writes down what the commands of {@code denim bgp} ask for, and answers what is always so. */
record RecordedBgp(RecordedActions actions) implements BgpActions {
  private static final String SINCE = "2026-01-31T10:00:00Z";

  @Override
  public void run(Path file, boolean restarted, LogFormat format, int verbosity) {
    actions.note("bgp", "run", file, restarted, format, verbosity);
  }

  @Override
  public List<PeerSummary> peers(Path control) {
    actions.note("bgp", "peers", control);
    return List.of(
        new PeerSummary("tor-1", "10.0.0.2", "65001", "Established", true, SINCE, 3, 1, 0, ""),
        new PeerSummary(
            "tor-2",
            "10.0.0.3",
            "65001",
            "Idle",
            false,
            SINCE,
            0,
            0,
            0,
            "nobody listens at 10.0.0.3"));
  }

  @Override
  public PeerReport peer(Path control, String name) {
    actions.note("bgp", "peer", control, name);
    return new PeerReport(
        name,
        "10.0.0.2",
        "",
        "65001",
        "Established",
        false,
        SINCE,
        false,
        "",
        "9 s, keepalives every 3.0 s",
        0,
        1,
        0,
        0,
        List.of(new PeerReport.Said("hold time", "90 s", "9 s")),
        List.of(new PeerReport.Routes("ipv4", 3, 2, 1, true, false, "")),
        List.of(new PeerReport.Messages("update", 3, 2)),
        List.of(
            new PeerReport.LastNotification(
                "received", "6/4", "ceased: administrative reset", "a new cable", SINCE)),
        List.of());
  }

  @Override
  public List<RouteRow> routes(Path control, String prefix, String in, String out, int most) {
    actions.note(
        "bgp", "routes", control, "[" + prefix + "]", "[" + in + "]", "[" + out + "]", most);
    return List.of(
        new RouteRow(
            "10.1.0.0/24",
            "10.0.0.2",
            "tor-1",
            "",
            "50",
            "65001",
            "65001:1",
            SINCE,
            "best",
            "the only path"));
  }

  @Override
  public Explanation explain(Path control, String prefix, String to) {
    actions.note("bgp", "explain", control, prefix, to);
    return new Explanation(prefix, to, "nobody has announced " + prefix);
  }

  @Override
  public Done reset(Path control, String name, String soft, String message) {
    actions.note("bgp", "reset", control, name, "[" + soft + "]", "[" + message + "]");
    return new Done(name, "the session begins anew");
  }

  @Override
  public Done drain(Path control, String name, boolean off) {
    actions.note("bgp", "drain", control, "[" + name + "]", off);
    return new Done(name, "drained no more");
  }

  @Override
  public void capture(
      Path control, String peer, String file, long most, Duration time, PrintWriter err) {
    actions.note("bgp", "capture", control, "[" + peer + "]", file, most, time);
  }

  @Override
  public void dump(Path control, String file, PrintWriter err) {
    actions.note("bgp", "dump", control, file);
  }

  @Override
  public Reloaded reload(Path control) {
    actions.note("bgp", "reload", control);
    return new Reloaded("r.yaml", "in force");
  }
}
