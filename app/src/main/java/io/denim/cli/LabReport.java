package io.denim.cli;

import io.denim.agent.AgentStatus;
import io.denim.lab.AgentKind;
import io.denim.lab.LabState;
import io.denim.model.SubnetEnv;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What {@code denim lab status} shows. */
record LabReport(
    String name,
    long pid,
    String directory,
    List<ControlRow> controlPlane,
    List<NodeRow> nodes,
    List<PodRow> pods,
    List<PathRow> paths,
    List<String> problems) {

  /** A program that all nodes need. */
  record ControlRow(String host, String program, String address, String state) {}

  record NodeRow(
      String node,
      String agent,
      boolean ready,
      String backend,
      String subnets,
      String addresses,
      int mtu,
      String kubernetes) {}

  record PodRow(String pod, String node, String addresses, String state) {}

  record PathRow(
      String node,
      String peer,
      String subnet,
      String path,
      String via,
      String health,
      String reason) {}

  static LabReport of(LabState state) {
    ControlReport control = ControlReport.of(state);
    List<NodeRow> nodes = new ArrayList<>();
    List<PathRow> paths = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (LabState.Member node : state.of("node")) {
      if (!node.agent().equals(AgentKind.DENIM.toString())) {
        nodes.add(flanneld(state, node, control));
        continue;
      }
      AgentStatus status = state.status(node.name());
      nodes.add(
          new NodeRow(
              node.name(),
              node.agent(),
              status.ready(),
              status.backend(),
              String.join(" ", status.subnets()),
              String.join(" ", status.publicAddresses()),
              status.mtu(),
              control.ofNode(node.name())));
      for (AgentStatus.PathStatus path : status.paths()) {
        paths.add(
            new PathRow(
                node.name(),
                path.peer(),
                path.subnet(),
                path.path(),
                path.via(),
                path.health(),
                path.reason()));
      }
      status.problems().forEach(problem -> problems.add(node.name() + ": " + problem));
    }
    List<PodRow> pods = new ArrayList<>(control.pods());
    state.of("pod").stream()
        .map(pod -> new PodRow(pod.name(), pod.node(), String.join(" ", pod.addresses()), ""))
        .forEach(pods::add);
    return new LabReport(
        state.name(), state.pid(), state.directory(), control.rows(), nodes, pods, paths, problems);
  }

  /** What flanneld does not tell is empty. */
  private static NodeRow flanneld(LabState state, LabState.Member node, ControlReport control) {
    Optional<SubnetEnv> env = state.subnetEnv(node.name());
    String subnets =
        env.stream()
            .flatMap(each -> Stream.of(each.ipv4(), each.ipv6()).flatMap(Optional::stream))
            .map(part -> part.subnet().toString())
            .collect(Collectors.joining(" "));
    return new NodeRow(
        node.name(),
        node.agent(),
        env.isPresent(),
        "",
        subnets,
        String.join(" ", node.addresses()),
        env.map(SubnetEnv::mtu).orElse(0),
        control.ofNode(node.name()));
  }
}
