package io.denim.cli;

import io.denim.install.Removal;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code denim uninstall}. */
@Command(
    name = "uninstall",
    header = "Take Denim away from this node.",
    description = {
      "%nRemoves what \"denim agent\" installed and keeps when it ends: 05-denim.conflist, the CNI"
          + " plugin under each name where it is Denim's, and the state in the data folder. Nothing"
          + " of others is touched. Stop the agent first.%n"
    },
    sortOptions = false)
final class UninstallCommand implements Callable<Integer> {
  private final Actions actions;

  @Option(
      names = "--cni-conf-dir",
      paramLabel = "PATH",
      defaultValue = "/etc/cni/net.d",
      description = "Folder of CNI configurations (without: ${DEFAULT-VALUE}).")
  private Path cniConfDir = Path.of("/etc/cni/net.d");

  @Option(
      names = "--cni-bin-dir",
      paramLabel = "PATH",
      defaultValue = "/opt/cni/bin",
      description = "Folder of CNI plugins (without: ${DEFAULT-VALUE}).")
  private Path cniBinDir = Path.of("/opt/cni/bin");

  @Option(
      names = "--data-dir",
      paramLabel = "PATH",
      defaultValue = "/var/lib/denim",
      description = "The agent's data folder (without: ${DEFAULT-VALUE}).")
  private Path dataDir = Path.of("/var/lib/denim");

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      defaultValue = "/run/denim/agent.sock",
      description = "Where an agent that still runs would answer (without: ${DEFAULT-VALUE}).")
  private Path socket = Path.of("/run/denim/agent.sock");

  @Option(
      names = "--network",
      description = {
        "Also remove what is in the kernel: routes and nexthops of protocol 68, cni0,"
            + " flannel.<VNI>, the pods' veths, the tables denim and denim_pods."
      })
  private boolean network;

  @Option(
      names = "--netns",
      paramLabel = "PATH",
      description = "The agent's network namespace, for --network (without: the own).")
  private @Nullable Path netns;

  @Option(
      names = "--force",
      description = "Also while pods are attached, which nobody will detach any more.")
  private boolean force;

  @Option(names = "--dry-run", description = "Only show what would be done.")
  private boolean dryRun;

  @Mixin private ShowOptions show = new ShowOptions();

  @Spec private @Nullable CommandSpec spec;

  UninstallCommand(Actions actions) {
    this.actions = actions;
  }

  @Override
  public Integer call() {
    List<Removal> done =
        actions.uninstall(
            new UninstallOptions(
                cniConfDir,
                cniBinDir,
                dataDir,
                socket,
                Optional.ofNullable(netns),
                network,
                force,
                dryRun));
    show.to(Main.line(spec).getOut()).write(done);
    boolean failed = done.stream().anyMatch(each -> each.outcome() == Removal.Outcome.FAILED);
    return failed ? CommandException.FAILURE : 0;
  }
}
