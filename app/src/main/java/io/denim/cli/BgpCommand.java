package io.denim.cli;

import io.denim.router.RouteRow;
import io.denim.router.RouterClient;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code denim bgp} and its subcommands. */
@Command(
    name = "bgp",
    header = "A BGP router and route reflector, and what it knows.",
    description = {
      "%n\"denim bgp run FILE\" is a router of its own: it needs no cluster and touches no routes of"
          + " the kernel. The other commands ask one that runs.%n"
    },
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    optionListHeading = "%nOptions:%n",
    addMethodSubcommands = false)
final class BgpCommand {
  private static final String RUN = "run";

  private final BgpActions actions;

  @Spec private @Nullable CommandSpec spec;

  BgpCommand(BgpActions actions) {
    this.actions = actions;
  }

  /**
   * The command with its subcommands. If the words ask for a router, that is the only one: to build
   * them all takes a tenth of a second of a processor, and a router is there sooner without.
   *
   * @param words of the command line
   */
  static CommandLine create(BgpActions actions, List<String> words) {
    var line = new CommandLine(new BgpCommand(actions));
    if (words.size() > 1 && words.subList(0, 2).equals(List.of("bgp", RUN))) {
      Method run = CommandLine.getCommandMethods(BgpCommand.class, RUN).getFirst();
      return line.addSubcommand(RUN, new CommandLine(run));
    }
    var _ = line.getCommandSpec().addMethodSubcommands(CommandLine.defaultFactory());
    return line;
  }

  /** Which router a command is about. */
  static final class Which {
    @Option(
        names = "--control",
        paramLabel = "PATH",
        defaultValue = RouterClient.DEFAULT_SOCKET,
        description = "The router's \"control\" socket (without: ${DEFAULT-VALUE}).")
    private Path control = Path.of(RouterClient.DEFAULT_SOCKET);
  }

  private Output output(ShowOptions show) {
    return show.to(Main.line(spec).getOut());
  }

  @Command(
      name = RUN,
      header = "Run a router as a file says.",
      description = {
        "%nRuns until SIGTERM, which ends it without a word: peers with graceful restart keep its"
            + " routes until it is back. A changed file is taken while sessions go on, and at once"
            + " after SIGHUP; one with errors is told in the log and leaves what was in force. docs/bgp.md describes the file; two"
            + " keys are enough:%n",
        "  as: 64512",
        "  router-id: 10.0.0.1",
        "  peers: [{address: 10.0.0.2, as: 65001}]",
        "  control: /run/denim/bgp.sock%n"
      })
  int run(
      @Parameters(paramLabel = "FILE", description = "The router as YAML.") Path file,
      @Option(
              names = "--restarted",
              description = "Tell peers that what forwarded before still does (RFC 4724).")
          boolean restarted,
      @Option(
              names = "--log-format",
              paramLabel = "FORMAT",
              defaultValue = "text",
              description = "${COMPLETION-CANDIDATES} (without: ${DEFAULT-VALUE}).")
          LogFormat format,
      @Option(
              names = "-v",
              paramLabel = "NUMBER",
              defaultValue = "0",
              description = "How much to log: 0 what happens, 1 and more why.")
          int verbosity) {
    actions.run(file, restarted, format, verbosity);
    return 0;
  }

  @Command(name = "peers", header = "Show all peers, one a line.")
  int peers(@Mixin Which which, @Mixin ShowOptions show) {
    output(show).write(actions.peers(which.control));
    return 0;
  }

  @Command(name = "peer", header = "Show a peer: what each side can do, timers, routes, messages.")
  int peer(
      @Mixin Which which,
      @Mixin ShowOptions show,
      @Parameters(paramLabel = "NAME", description = "The peer's name or address.") String name) {
    output(show).write(actions.peer(which.control, name));
    return 0;
  }

  @Command(
      name = "routes",
      header = "Show routes, and why each was chosen or was not.",
      footer = "%nExample: denim bgp routes 10.244.0.0/16 --in tor-1")
  int routes(
      @Mixin Which which,
      @Mixin ShowOptions show,
      @Parameters(
              paramLabel = "PREFIX",
              arity = "0..1",
              defaultValue = "",
              description = {
                "This prefix and those inside of it; of an address, the prefixes that it is in."
              })
          String prefix,
      @Option(
              names = "--in",
              paramLabel = "PEER",
              defaultValue = "",
              description = "What came from this peer.")
          String in,
      @Option(
              names = "--out",
              paramLabel = "PEER",
              defaultValue = "",
              description = "What this peer is told.")
          String out,
      @Option(
              names = "--limit",
              paramLabel = "NUMBER",
              defaultValue = "1000",
              description = "At most so many prefixes (without: ${DEFAULT-VALUE}).")
          int limit) {
    if (!in.isEmpty() && !out.isEmpty()) {
      throw CommandException.usage("--in and --out are two questions; ask one of them");
    }
    if (limit < 1) {
      throw CommandException.usage("--limit=" + limit + " is out of range; allowed: 1 and more");
    }
    List<RouteRow> rows = actions.routes(which.control, prefix, in, out, limit);
    output(show).write(rows);
    if (rows.stream().map(RouteRow::prefix).distinct().count() == limit) {
      Main.line(spec)
          .getErr()
          .println("denim: shown are " + limit + " prefixes; give a PREFIX, or --limit for more");
    }
    return 0;
  }

  @Command(
      name = "explain",
      header = "Say what a peer is told of a prefix, or why nothing.",
      footer = "%nExample: denim bgp explain 10.244.1.0/26 --to tor-1")
  int explain(
      @Mixin Which which,
      @Mixin ShowOptions show,
      @Parameters(paramLabel = "PREFIX", description = "Exactly this prefix.") String prefix,
      @Option(names = "--to", paramLabel = "PEER", required = true, description = "The peer.")
          String peer) {
    output(show).write(actions.explain(which.control, prefix, peer));
    return 0;
  }

  @Command(
      name = "reset",
      header = "Begin a session anew, or look at its routes again.",
      footer = "%nExample: denim bgp reset tor-1 --soft in")
  int reset(
      @Mixin Which which,
      @Mixin ShowOptions show,
      @Parameters(paramLabel = "NAME", description = "The peer's name or address.") String name,
      @Option(
              names = "--soft",
              paramLabel = "in|out",
              defaultValue = "",
              description = "Keep the session: ask for the peer's routes, or tell it all again.")
          String soft,
      @Option(
              names = "--message",
              paramLabel = "TEXT",
              defaultValue = "",
              description = "What the peer's people are told of the reason (RFC 9003).")
          String message) {
    if (!List.of("", "in", "out").contains(soft)) {
      throw CommandException.usage("--soft=" + soft + " is not known; allowed: in or out");
    }
    if (!soft.isEmpty() && !message.isEmpty()) {
      throw CommandException.usage("--message goes with the end of a session, not with --soft");
    }
    output(show).write(actions.reset(which.control, name, soft, message));
    return 0;
  }

  @Command(
      name = "drain",
      header = "Lead traffic away before a session ends, or the router.",
      description = {
        "%nWhat the peer is told gets the community 65535:0 (graceful shutdown, RFC 8326) and, of an"
            + " internal peer, LOCAL_PREF 0; its own routes get LOCAL_PREF 0 here. No session ends and"
            + " nothing is taken back. Without a NAME all peers are told, and what they announce stays"
            + " as it is. It lasts until --off, or until this router ends.%n"
      },
      footer = "%nExample: denim bgp drain tor-1")
  int drain(
      @Mixin Which which,
      @Mixin ShowOptions show,
      @Parameters(
              paramLabel = "NAME",
              arity = "0..1",
              defaultValue = "",
              description = "The peer's name or address (without: all).")
          String name,
      @Option(names = "--off", description = "Not any more.") boolean off) {
    output(show).write(actions.drain(which.control, name, off));
    return 0;
  }

  @Command(name = "reload", header = "Have the router read its file now, and say what is wrong.")
  int reload(@Mixin Which which, @Mixin ShowOptions show) {
    output(show).write(actions.reload(which.control));
    return 0;
  }

  @Command(
      name = "capture",
      header = "Write what sessions say as MRT (RFC 6396), until Ctrl-C.",
      description = {
        "%nOf sessions that are up it begins with both OPENs; UPDATEs that were sent before are not"
            + " in it: \"denim bgp routes --out\" shows what a peer is told.%n"
      },
      footer = "%nExample: denim bgp capture tor-1.mrt --peer tor-1 --for 60")
  int capture(
      @Mixin Which which,
      @Parameters(paramLabel = "FILE", description = "Is overwritten; - for standard output.")
          String file,
      @Option(
              names = "--peer",
              paramLabel = "PEER",
              defaultValue = "",
              description = "Only the session with this one.")
          String peer,
      @Option(
              names = "--count",
              paramLabel = "NUMBER",
              defaultValue = "0",
              description = "End after so many records.")
          long count,
      @Option(
              names = "--for",
              paramLabel = "SECONDS",
              defaultValue = "0",
              description = "End after so long.")
          int seconds) {
    if (count < 0) {
      throw CommandException.usage(
          "--count=" + count + " is out of range; allowed: 1 and more, 0 for no limit");
    }
    if (seconds < 0) {
      throw CommandException.usage(
          "--for=" + seconds + " is out of range; allowed: 1 and more, 0 for no limit");
    }
    actions.capture(
        which.control, peer, file, count, Duration.ofSeconds(seconds), Main.line(spec).getErr());
    return 0;
  }

  @Command(
      name = "dump",
      header = "Write all routes as they came as MRT (TABLE_DUMP_V2 of RFC 6396).",
      footer = "%nExample: denim bgp dump table.mrt")
  int dump(
      @Mixin Which which,
      @Parameters(paramLabel = "FILE", description = "Is overwritten; - for standard output.")
          String file) {
    actions.dump(which.control, file, Main.line(spec).getErr());
    return 0;
  }
}
