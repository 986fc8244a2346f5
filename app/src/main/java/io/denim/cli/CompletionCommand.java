package io.denim.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code denim completion}. */
@Command(
    name = "completion",
    header = "Print the completion script for bash.",
    footer = {
      "%nFor this shell:   source <(denim completion)",
      "For all shells:   denim completion >/etc/bash_completion.d/denim"
    })
final class CompletionCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    CommandLine line = Main.line(spec);
    line.getOut().print(AutoComplete.bash("denim", line.getParent()));
    line.getOut().flush();
    return 0;
  }
}
