package io.denim.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Stack;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/** {@code denim agent}: its words are read by {@link FlanneldOptions}, not by picocli. */
@Command(
    name = "agent",
    synopsisHeading = "Usage: ",
    customSynopsis = "denim agent [flanneld's flags and those below]",
    header = "Run the agent of this node, as flanneld.",
    description = {
      "%nTakes flanneld's command line as it is: one or two dashes, --flag=VALUE or --flag VALUE,"
          + " booleans as --flag or --flag=false. Each of flanneld's flags may be given in the"
          + " environment instead, --ip-masq as FLANNELD_IP_MASQ=true.%n"
    },
    sortOptions = false,
    preprocessor = AgentCommand.TakeAll.class)
final class AgentCommand implements Callable<Integer> {
  private final Actions actions;
  private final Map<String, String> environment;
  private final List<String> words = new ArrayList<>();

  @Spec private @Nullable CommandSpec spec;

  private AgentCommand(Actions actions, Map<String, String> environment) {
    this.actions = actions;
    this.environment = environment;
  }

  /** The command with the table of flags as its options, for help and completion. */
  static CommandLine create(Actions actions, Map<String, String> environment) {
    var line = new CommandLine(new AgentCommand(actions, environment));
    for (FlanneldFlag flag : FlanneldFlag.values()) {
      line.getCommandSpec().addOption(option(flag));
    }
    return line;
  }

  private static OptionSpec option(FlanneldFlag flag) {
    String fallback =
        flag.fallback().isEmpty() || flag.kind() == FlanneldFlag.Kind.BOOL
            ? ""
            : " (without: " + flag.fallback() + ")";
    String use =
        switch (flag.use()) {
          case WITHOUT_EFFECT -> " (accepted, no effect)";
          case FLANNELD, DENIM -> "";
        };
    boolean bool = flag.kind() == FlanneldFlag.Kind.BOOL;
    boolean onByItself = bool && flag.fallback().equals("true");
    return OptionSpec.builder("--" + flag.flagName())
        .type(bool ? boolean.class : String.class)
        .arity(bool ? "0" : "1")
        .paramLabel(flag.kind() == FlanneldFlag.Kind.INT ? "NUMBER" : "VALUE")
        .description(flag.help() + (onByItself ? " (on unless =false)" : fallback) + use + ".")
        .build();
  }

  @Override
  public Integer call() {
    CommandLine line = Main.line(spec);
    FlanneldOptions options = FlanneldOptions.parse(words, environment, AgentCommand::readHostName);
    if (options.help()) {
      line.usage(line.getOut());
    } else if (options.version()) {
      // flanneld prints it there.
      line.getErr().println(Version.current());
    } else {
      actions.agent(options);
    }
    return 0;
  }

  private static String readHostName() {
    Path file = Path.of("/proc/sys/kernel/hostname");
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the host's name from " + file, e);
    }
  }

  /** Takes all words from picocli. */
  static final class TakeAll implements IParameterPreprocessor {
    @Override
    public boolean preprocess(
        Stack<String> args, CommandSpec spec, ArgSpec arg, Map<String, Object> info) {
      var command = (AgentCommand) spec.userObject();
      command.words.clear();
      while (!args.isEmpty()) {
        command.words.add(args.pop());
      }
      return true;
    }
  }
}
