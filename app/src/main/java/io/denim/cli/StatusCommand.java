package io.denim.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code denim status}. */
@Command(
    name = "status",
    header = "Show what this node's agent knows: nodes, subnets, paths, health.")
final class StatusCommand implements Callable<Integer> {
  private final Actions actions;

  @Mixin private ShowOptions show = new ShowOptions();

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      defaultValue = "/run/denim/agent.sock",
      description = "The agent's API (without: ${DEFAULT-VALUE}).")
  private Path socket = Path.of("/run/denim/agent.sock");

  @Spec private @Nullable CommandSpec spec;

  StatusCommand(Actions actions) {
    this.actions = actions;
  }

  @Override
  public Integer call() {
    show.to(Main.line(spec).getOut()).write(actions.status(socket));
    return 0;
  }
}
