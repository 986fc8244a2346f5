package io.denim.cli;

import io.denim.agent.AgentException;
import io.denim.agent.AgentStatus.AttachmentStatus;
import io.denim.agent.StatusServer;
import io.denim.install.Removal;
import io.denim.lab.LabConfig;
import io.denim.lab.LabState;
import io.denim.lab.Reach;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What the commands do. */
final class RealActions implements Actions {
  private final PrintWriter out;
  private final PrintWriter err;
  private final Labs labs;

  RealActions(PrintWriter out, PrintWriter err) {
    this.out = out;
    this.err = err;
    this.labs = new Labs(err);
  }

  @Override
  public void agent(FlanneldOptions options) {
    AgentRun.run(options);
  }

  @Override
  public void labUp(LabConfig config, Optional<Path> file, boolean foreground) {
    if (foreground) {
      labs.hold(config);
    } else {
      LabState state = labs.up(config, file);
      out.printf(
          "lab %s is up: %d nodes, %d pods. Try: denim lab ping, denim lab status, denim lab exec %s ip route%n",
          state.name(),
          state.of("node").size(),
          state.of("pod").size(),
          state.of("node").getFirst().name());
    }
  }

  @Override
  public Record labStatus(Optional<String> lab) {
    return LabReport.of(labs.find(lab));
  }

  @Override
  public int labExec(Optional<String> lab, String where, List<String> command) {
    LabState state = withPods(labs.find(lab), where);
    return Labs.run(enter(state, where, command));
  }

  @Override
  public int labKubectl(Optional<String> lab, List<String> words) {
    LabState state = labs.find(lab);
    if (state.kubectl().isEmpty()) {
      throw CommandException.failure(
          "lab " + state.name() + " has no Kubernetes; give it \"kubernetes: true\"");
    }
    List<String> command = new ArrayList<>(List.of("nsenter"));
    command.add("--net=" + state.member(LabConfig.CONTROL_PLANE).namespace());
    command.addAll(state.kubectl());
    command.addAll(words);
    return Labs.run(command);
  }

  /** To look for the pods of Kubernetes takes a while, and often somebody else is meant. */
  private static LabState withPods(LabState state, String wanted) {
    boolean known = state.members().stream().anyMatch(each -> each.name().equals(wanted));
    return known ? state : state.withPods();
  }

  private static List<String> enter(LabState state, String where, List<String> command) {
    List<String> words = new ArrayList<>(List.of("nsenter"));
    if (!Labs.isRoot()) {
      words.addAll(List.of("--user", "--preserve-credentials", "--target", "" + state.pid()));
    }
    LabState.Member member = state.member(where);
    if (member.machine() != 0) {
      words.addAll(
          List.of("--mount", "--uts", "--pid", "--target", Long.toString(member.machine())));
    }
    words.add("--net=" + member.namespace());
    words.addAll(command);
    return words;
  }

  @Override
  public List<? extends Record> labPing(Optional<String> lab, List<String> ends, int count) {
    LabState state = labs.find(lab);
    labs.enterUserNamespace(state);
    LabState whole = state.withPods();
    return ends.isEmpty()
        ? Reach.all(whole, count)
        : List.of(Reach.between(whole, ends.getFirst(), ends.getLast(), count));
  }

  @Override
  public int labCapture(
      Optional<String> lab,
      String where,
      Optional<String> device,
      Optional<Path> file,
      Optional<Integer> count,
      List<String> filter) {
    LabState state = withPods(labs.find(lab), where);
    if (filter.isEmpty()) {
      labs.enterUserNamespace(state);
      new Capture(out, err, InstantSource.system()).run(state, where, device, file, count);
      return 0;
    }
    List<String> words =
        new ArrayList<>(List.of("tcpdump", "-n", "-l", "-i", device.orElse("any")));
    file.ifPresent(path -> words.addAll(List.of("-w", path.toAbsolutePath().toString())));
    count.ifPresent(number -> words.addAll(List.of("-c", number.toString())));
    words.addAll(filter);
    return Labs.run(enter(state, where, words));
  }

  @Override
  public void labDown(Optional<String> lab) {
    out.println("lab " + labs.down(lab) + " is down");
  }

  @Override
  public List<? extends Record> pod(Path socket, String name) {
    List<AttachmentStatus> all = StatusServer.ask(socket).attachments();
    List<AttachmentStatus> found =
        all.stream()
            .filter(each ->
                each.pod().equals(name)
                    || each.pod().endsWith("/" + name)
                    || each.container().startsWith(name))
            .toList();
    if (found.isEmpty()) {
      String there =
          all.stream()
              .map(each -> each.pod().isEmpty() ? each.container() : each.pod())
              .distinct()
              .limit(10)
              .collect(Collectors.joining(", "));
      throw CommandException.failure(
          "no pod \""
              + name
              + "\" is attached to this node; "
              + (there.isEmpty() ? "there is none" : "there are " + there));
    }
    return found;
  }

  @Override
  public Record status(Path socket) {
    try {
      return StatusServer.ask(socket);
    } catch (AgentException e) {
      throw CommandException.failure(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public List<Removal> uninstall(UninstallOptions options) {
    return new Uninstall(options).run();
  }

  @Override
  public void demo(boolean keep) {
    labs.enterNewUserNamespace();
    try {
      new Demo(labs, out, err).run(keep);
    } catch (IOException e) {
      throw new UncheckedIOException("the demo failed: " + e.getMessage(), e);
    }
  }

  @Override
  public BgpActions bgp() {
    return new RealBgp();
  }
}
