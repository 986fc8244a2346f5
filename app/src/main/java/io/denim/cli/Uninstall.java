package io.denim.cli;

import io.denim.agent.AgentException;
import io.denim.agent.StatusServer;
import io.denim.apply.Remains;
import io.denim.install.Removal;
import io.denim.install.Uninstallation;
import io.denim.linux.ns.Namespace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One run of {@code denim uninstall}. */
final class Uninstall {
  /** So many pods are named; of more, the number says enough. */
  private static final int NAMED = 5;

  private final UninstallOptions options;
  private final Uninstallation files;

  Uninstall(UninstallOptions options) {
    this.options = options;
    this.files = new Uninstallation(options.cniConfDir(), options.cniBinDir(), options.dataDir());
  }

  /**
   * Removes everything, the configuration first, so that no pod comes meanwhile.
   *
   * @throws CommandException when an agent runs, or pods are attached and force was not given; then
   *     nothing is removed
   */
  List<Removal> run() {
    List<Removal> done = new ArrayList<>();
    if (agentRuns(options.socket())) {
      refuse(
          "the agent still runs on this node (it answers on "
              + options.socket()
              + ") and would put everything back; stop it first: systemctl disable --now denim",
          "agent",
          List.of(options.socket().toString()),
          done);
    }
    List<String> attached = files.attached();
    if (!attached.isEmpty() && !options.force()) {
      refuse(
          attached.size()
              + " pods are still attached by Denim ("
              + String.join(", ", attached.subList(0, Math.min(NAMED, attached.size())))
              + (attached.size() > NAMED ? ", ..." : "")
              + "), and nobody would detach them any more; delete them first (kubectl drain), or"
              + " give --force",
          "pod",
          attached,
          done);
    }
    done.addAll(files.conflist(options.dryRun()));
    if (options.network()) {
      removeNetwork(done);
    }
    done.addAll(files.binaries(options.dryRun()));
    done.addAll(files.state(options.dryRun()));
    return done;
  }

  /** Throws, or in a dry run tells that it would. */
  private void refuse(String message, String part, List<String> objects, List<Removal> done) {
    if (!options.dryRun()) {
      throw CommandException.failure(message);
    }
    String note = part.equals("agent") ? "runs: stop it first" : "attached: needs --force";
    objects.forEach(each -> done.add(Removal.kept(part, each, note)));
  }

  private static boolean agentRuns(Path socket) {
    try {
      var _ = StatusServer.ask(socket);
      return true;
    } catch (AgentException e) {
      // Nobody answers.
      return false;
    }
  }

  private void removeNetwork(List<Removal> done) {
    try (Namespace namespace = options.netns().map(Namespace::open).orElseGet(Namespace::current);
        Remains remains = Remains.open(namespace)) {
      for (Remains.Remain each : remains.list()) {
        Optional<String> failure = options.dryRun() ? Optional.empty() : remains.remove(each);
        Removal.Outcome outcome =
            failure.isPresent()
                ? Removal.Outcome.FAILED
                : options.dryRun() ? Removal.Outcome.PLANNED : Removal.Outcome.REMOVED;
        done.add(new Removal("network", each.describe(), outcome, failure.orElse("")));
      }
    }
  }
}
