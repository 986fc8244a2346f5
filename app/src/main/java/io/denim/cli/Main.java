package io.denim.cli;

import io.denim.agent.AgentException;
import io.denim.install.InstallException;
import io.denim.lab.LabConfigException;
import io.denim.lab.LabException;
import io.denim.linux.LinuxException;
import io.denim.router.RouterConfigException;
import io.denim.router.RouterException;
import io.denim.store.StoreException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code denim} command. */
public final class Main {
  // picocli's message for a command that has nothing to do but to hold others.
  private static final String MISSING_COMMAND = "Missing required subcommand";

  private static final Set<String> TELL_OF_OTHERS = Set.of("help", "completion");

  private Main() {}

  /** Runs the command that the words are, and ends the JVM with its exit code. */
  public static void main(String[] words) {
    // Whatever the locale: names and messages are UTF-8.
    var out =
        new PrintWriter(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    var err =
        new PrintWriter(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    int code = run(List.of(words), System.getenv(), new RealActions(out, err), out, err);
    out.flush();
    err.flush();
    System.exit(code);
  }

  /** Runs one command and returns its exit code: 0, 1 (failed), 2 (wrong words) or its own. */
  static int run(
      List<String> words,
      Map<String, String> environment,
      Actions actions,
      PrintWriter out,
      PrintWriter err) {
    return commands(words, actions, environment)
        .setOut(out)
        .setErr(err)
        .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
        .setUsageHelpAutoWidth(false)
        .setUsageHelpWidth(100)
        .setParameterExceptionHandler((problem, ignored) -> misuse(problem))
        .setExecutionExceptionHandler((thrown, line, ignored) -> failure(thrown, line, environment))
        .execute(words.toArray(String[]::new));
  }

  /**
   * The tree of commands. If the first word is a command, it alone is in it, unless it tells of the
   * others: to build them all takes half a second of a processor.
   */
  private static CommandLine commands(
      List<String> words, Actions actions, Map<String, String> environment) {
    var root = new CommandLine(new DenimCommand());
    Map<String, Supplier<Object>> all = branches(words, actions, environment);
    Supplier<Object> one = words.isEmpty() ? null : all.get(words.getFirst());
    if (one == null || TELL_OF_OTHERS.contains(words.getFirst())) {
      all.values().forEach(each -> root.addSubcommand(each.get()));
    } else {
      root.addSubcommand(one.get());
    }
    addHelp(root);
    return root;
  }

  private static Map<String, Supplier<Object>> branches(
      List<String> words, Actions actions, Map<String, String> environment) {
    Map<String, Supplier<Object>> all = new LinkedHashMap<>();
    all.put("agent", () -> AgentCommand.create(actions, environment));
    all.put("lab", () -> LabCommand.create(actions));
    all.put("status", () -> new StatusCommand(actions));
    all.put("pod", () -> new PodCommand(actions));
    all.put("bgp", () -> BgpCommand.create(actions.bgp(), words));
    all.put("uninstall", () -> new UninstallCommand(actions));
    all.put("demo", () -> new DemoCommand(actions));
    all.put("peers", PeersCommand::new);
    all.put("test", TestCommand::new);
    all.put("version", VersionCommand::new);
    all.put("completion", CompletionCommand::new);
    all.put("help", HelpCommand::new);
    all.put("train", TrainCommand::new);
    return all;
  }

  /** Every command has -h and --help, but for the agent, which has flanneld's. */
  private static void addHelp(CommandLine line) {
    boolean own =
        line.getCommand() instanceof AgentCommand || line.getCommand() instanceof HelpCommand;
    if (!own) {
      line.getCommandSpec()
          .addOption(
              OptionSpec.builder("-h", "--help")
                  .usageHelp(true)
                  .description("Show this help and exit.")
                  .build());
    }
    line.getSubcommands().values().forEach(Main::addHelp);
  }

  /** The command line of an injected specification. */
  static CommandLine line(@Nullable CommandSpec spec) {
    return Objects.requireNonNull(spec, "picocli sets the specification").commandLine();
  }

  private static int misuse(ParameterException problem) {
    CommandLine line = problem.getCommandLine();
    String command = line.getCommandSpec().qualifiedName();
    String message = String.valueOf(problem.getMessage());
    if (message.equals(MISSING_COMMAND)) {
      line.usage(line.getOut());
      line.getOut().flush();
      return 0;
    }
    if (problem instanceof UnmatchedArgumentException unmatched) {
      List<String> near = unmatched.getSuggestions();
      message =
          "unknown "
              + (unmatched.isUnknownOption() ? "option " : "word ")
              + unmatched.getUnmatched().getFirst()
              + (near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?");
    }
    return say(line, message.replaceAll("\\s*\n\\s*", " ") + "; see " + command + " --help", 2);
  }

  private static int failure(Exception thrown, CommandLine line, Map<String, String> environment) {
    if (environment.containsKey("DENIM_DEBUG")) {
      thrown.printStackTrace(line.getErr());
    }
    return switch (thrown) {
      case CommandException known ->
          say(line, String.valueOf(known.getMessage()), known.exitCode());
      case LabConfigException known -> say(line, String.valueOf(known.getMessage()), 2);
      case RouterConfigException known -> say(line, String.valueOf(known.getMessage()), 2);
      case RouterException known -> say(line, String.valueOf(known.getMessage()), 1);
      case UncheckedIOException known -> say(line, String.valueOf(known.getMessage()), 1);
      case LabException known -> say(line, String.valueOf(known.getMessage()), 1);
      case InstallException known -> say(line, String.valueOf(known.getMessage()), 1);
      case LinuxException known -> say(line, String.valueOf(known.getMessage()), 1);
      case StoreException known -> say(line, String.valueOf(known.getMessage()), 1);
      case AgentException known -> say(line, String.valueOf(known.getMessage()), 1);
      default -> say(line, thrown + " (an error in Denim; with DENIM_DEBUG=1 it says where)", 1);
    };
  }

  private static int say(CommandLine line, String message, int code) {
    if (!message.isEmpty()) {
      line.getErr().println("denim: " + message);
    }
    line.getErr().flush();
    return code;
  }
}
