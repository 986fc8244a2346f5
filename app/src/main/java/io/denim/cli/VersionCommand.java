package io.denim.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code denim version}. */
@Command(name = "version", header = "Show the versions of Denim, Java and the kernel.")
final class VersionCommand implements Callable<Integer> {
  @Mixin private ShowOptions show = new ShowOptions();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    show.to(Main.line(spec).getOut()).write(Version.current());
    return 0;
  }
}
