package io.denim.cli;

import io.denim.router.Answers.Done;
import io.denim.router.Answers.Explanation;
import io.denim.router.Answers.Reloaded;
import io.denim.router.PeerReport;
import io.denim.router.PeerSummary;
import io.denim.router.RouteRow;
import java.nio.file.Path;
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

  /** Has the router read its file. */
  Reloaded reload(Path control);
}
