package io.denim.cli;

import io.denim.lab.LabConfig;
import io.denim.lab.LabYaml;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code denim lab} and its subcommands. */
@Command(
    name = "lab",
    header = "Clusters of network namespaces on this machine.",
    description = {
      "%nA lab is a cluster on one machine: its nodes, pods and routers are network namespaces, its"
          + " agents the real ones. Nothing of it is outside its own namespaces."
    },
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    optionListHeading = "%nOptions:%n")
final class LabCommand {
  private final Actions actions;

  @Spec private @Nullable CommandSpec spec;

  private LabCommand(Actions actions) {
    this.actions = actions;
  }

  static CommandLine create(Actions actions) {
    var line = new CommandLine(new LabCommand(actions));
    // Options after WHERE are those of the command to be run there.
    Optional.ofNullable(line.getSubcommands().get("exec"))
        .ifPresent(exec -> exec.setStopAtPositional(true));
    Optional.ofNullable(line.getSubcommands().get("kubectl"))
        .ifPresent(kubectl ->
            kubectl.setStopAtPositional(true).setUnmatchedOptionsArePositionalParams(true));
    return line;
  }

  /** Which lab a command is about. */
  static final class Which {
    @Option(names = "--lab", paramLabel = "NAME", description = "The lab, if several are up.")
    private @Nullable String name;

    Optional<String> lab() {
      return Optional.ofNullable(name);
    }
  }

  @Command(
      name = "up",
      header = "Start a lab.",
      description = {
        "%nStarts the lab that FILE describes, without FILE that of the demo: four nodes in two"
            + " subnets behind a router, two pods on each. All may be left out of the file:%n",
        "  name: demo",
        "  config: {Network: 10.244.0.0/16, Backend: {Type: vxlan, DirectRouting: true}}",
        "  subnets:",
        "    a: {cidr: 192.168.1.0/24}",
        "    b: {cidr: 192.168.2.0/24, latency: 2ms}",
        "  routers:",
        "    r1: {subnets: [a, b], outside: true}",
        "  nodes:",
        "    n1: {subnet: a, pods: 2}",
        "    n2: {subnet: b, pods: [web, db]}",
        "  mtu: 1500",
        "  agents: threads   # or processes: one for each node",
        "  agent: denim      # or flanneld, also of a single node",
        "  store: embedded   # or etcd: a real one",
        "  kubernetes: false # or true: a real one, with containerd and kubelet on each node",
        "  ipMasq: true%n",
        "\"config\" is flannel's net-conf.json. \"subnets: 2\" and \"nodes: 4\" do as well.%n"
      })
  int up(
      @Parameters(paramLabel = "FILE", arity = "0..1", description = "The lab as YAML.")
          @Nullable Path file,
      @Option(
              names = "--name",
              paramLabel = "NAME",
              description = "Its name, instead of the file's.")
          @Nullable String name,
      @Option(
              names = "--foreground",
              description = "Stay until interrupted, then take the lab down.")
          boolean foreground) {
    LabConfig described = file == null ? LabConfig.demo() : LabYaml.read(file);
    actions.labUp(
        name == null ? described : described.named(name), Optional.ofNullable(file), foreground);
    return 0;
  }

  @Command(name = "status", header = "Show a lab: nodes, pods, paths, health.")
  int status(@Mixin Which which, @Mixin ShowOptions show) {
    show.to(Main.line(spec).getOut()).write(actions.labStatus(which.lab()));
    return 0;
  }

  @Command(
      name = "exec",
      header = "Run a command in a node, a pod, a router or the outside.",
      footer = "%nExample: denim lab exec n1-p1 ip -o route")
  int exec(
      @Mixin Which which,
      @Parameters(index = "0", paramLabel = "WHERE", description = "Name of the node or pod.")
          String where,
      @Parameters(
              index = "1..*",
              arity = "1..*",
              paramLabel = "COMMAND",
              description = "The command and its arguments.")
          List<String> command) {
    boolean marked = command.getFirst().equals("--");
    List<String> words = marked ? command.subList(1, command.size()) : command;
    if (words.isEmpty()) {
      throw CommandException.usage("exec runs what in " + where + "? Name a command");
    }
    return actions.labExec(which.lab(), where, words);
  }

  @Command(
      name = "kubectl",
      header = "Run kubectl as the administrator of a lab's Kubernetes.",
      description = "%nThe lab must have \"kubernetes: true\".%n",
      footer = "%nExample: denim lab kubectl get pods -A -o wide")
  int kubectl(
      @Mixin Which which,
      @Parameters(arity = "0..*", paramLabel = "WORDS", description = "What kubectl is told.")
          @Nullable List<String> words) {
    return actions.labKubectl(which.lab(), words == null ? List.of() : words);
  }

  @Command(
      name = "ping",
      header = "Who reaches whom: round-trip times between two, or all pods.",
      description = "%nWithout FROM and TO, between every pair of pods.%n")
  int ping(
      @Mixin Which which,
      @Mixin ShowOptions show,
      @Option(
              names = {"-c", "--count"},
              paramLabel = "NUMBER",
              defaultValue = "3",
              description = "Pings of each pair, 1 to 10000 (without: 3).")
          int count,
      @Parameters(
              arity = "0..2",
              paramLabel = "[FROM TO]",
              hideParamSyntax = true,
              description = "Two names of pods, nodes, routers or outside.")
          @Nullable List<String> given) {
    List<String> ends = given == null ? List.of() : given;
    if (ends.size() == 1) {
      throw CommandException.usage(
          "ping goes from " + ends.getFirst() + " to what? Give two names, or none for all pods");
    }
    if (count < 1 || count > 10_000) {
      throw CommandException.usage("--count=" + count + " is out of range; allowed: 1 to 10000");
    }
    show.to(Main.line(spec).getOut()).write(actions.labPing(which.lab(), ends, count));
    return 0;
  }

  @Command(
      name = "capture",
      header = "Show or record the packets of a node or pod.",
      description = {
        "%nA packet is a line: the device, in or out, and its layers, those inside VXLAN too. With"
            + " words of a FILTER, tcpdump looks and must be installed.%n"
      },
      footer = "%nExample: denim lab capture n1 -i eth0 udp port 8472")
  int capture(
      @Mixin Which which,
      @Option(
              names = {"-i", "--interface"},
              paramLabel = "DEVICE",
              description = "The device (without: all).")
          @Nullable String device,
      @Option(
              names = {"-w", "--write"},
              paramLabel = "FILE",
              description = "Record to a file instead of showing.")
          @Nullable Path file,
      @Option(
              names = {"-c", "--count"},
              paramLabel = "NUMBER",
              description = "End after so many packets (without: when interrupted).")
          @Nullable Integer count,
      @Parameters(index = "0", paramLabel = "WHERE", description = "Name of the node or pod.")
          String where,
      @Parameters(
              index = "1..*",
              arity = "0..*",
              paramLabel = "FILTER",
              description = "Words of a tcpdump filter.")
          @Nullable List<String> filter) {
    if (count != null && count < 1) {
      throw CommandException.usage("--count=" + count + " is out of range; allowed: 1 and more");
    }
    return actions.labCapture(
        which.lab(),
        where,
        Optional.ofNullable(device),
        Optional.ofNullable(file),
        Optional.ofNullable(count),
        filter == null ? List.of() : filter);
  }

  @Command(name = "down", header = "Take a lab down.")
  int down(@Mixin Which which) {
    actions.labDown(which.lab());
    return 0;
  }
}
