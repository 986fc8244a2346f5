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

/** What the commands of {@code denim bgp} do; as in {@link Actions}. */
interface BgpActions {
  /** Runs a router until it is told to stop. */
  void run(Path file, boolean restarted, LogFormat format, int verbosity);

  /** All peers of the router at this control socket, as in the methods below. */
  List<PeerSummary> peers(Path control);

  /** A peer, by its name or address. */
  PeerReport peer(Path control, String name);

  /** Routes; the words are as in {@link io.denim.router.RouterClient#routes}. */
  List<RouteRow> routes(Path control, String prefix, String in, String out, int most);

  /** What a peer is told of a prefix. */
  Explanation explain(Path control, String prefix, String to);

  /** Begins a session anew, or with {@code soft} looks at its routes again. */
  Done reset(Path control, String name, String soft, String message);

  /** Makes routes by a peer, or by all when the name is empty, the last choice, or ends that. */
  Done drain(Path control, String name, boolean off);

  /**
   * Writes what sessions say as MRT records.
   *
   * @param peer whose session; empty for all
   * @param file "-" for standard output
   * @param most records; 0 for no limit
   * @param time zero for no limit
   * @param err where it says how far it is
   */
  void capture(Path control, String peer, String file, long most, Duration time, PrintWriter err);

  /** Writes all routes as MRT records, as with {@link #capture}. */
  void dump(Path control, String file, PrintWriter err);

  /** Has the router read its file. */
  Reloaded reload(Path control);
}
