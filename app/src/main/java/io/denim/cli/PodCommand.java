package io.denim.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code denim pod}. */
@Command(name = "pod", header = "Show how a pod of this node is attached.")
final class PodCommand implements Callable<Integer> {
  private final Actions actions;

  @Mixin private ShowOptions show = new ShowOptions();

  @Parameters(
      paramLabel = "NAME",
      description = "The pod's name, also as namespace/name, or the beginning of a container's id.")
  private String name = "";

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      defaultValue = "/run/denim/agent.sock",
      description = "The agent's API (without: ${DEFAULT-VALUE}).")
  private Path socket = Path.of("/run/denim/agent.sock");

  @Spec private @Nullable CommandSpec spec;

  PodCommand(Actions actions) {
    this.actions = actions;
  }

  @Override
  public Integer call() {
    show.to(Main.line(spec).getOut()).writeEach(actions.pod(socket, name));
    return 0;
  }
}
