package io.denim.cli;

import io.denim.agent.AgentStatus;
import io.denim.lab.LabState;
import java.util.ArrayList;
import java.util.List;

/** What {@code denim lab status} shows. */
record LabReport(
    String name,
    long pid,
    String directory,
    List<NodeRow> nodes,
    List<PodRow> pods,
    List<PathRow> paths,
    List<String> problems) {

  record NodeRow(
      String node, boolean ready, String backend, String subnets, String addresses, int mtu) {}

  record PodRow(String pod, String node, String addresses) {}

  record PathRow(
      String node,
      String peer,
      String subnet,
      String path,
      String via,
      String health,
      String reason) {}

  static LabReport of(LabState state) {
    List<NodeRow> nodes = new ArrayList<>();
    List<PathRow> paths = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (LabState.Member node : state.of("node")) {
      AgentStatus status = state.status(node.name());
      nodes.add(
          new NodeRow(
              node.name(),
              status.ready(),
              status.backend(),
              String.join(" ", status.subnets()),
              String.join(" ", status.publicAddresses()),
              status.mtu()));
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
    List<PodRow> pods =
        state.of("pod").stream()
            .map(pod -> new PodRow(pod.name(), pod.node(), String.join(" ", pod.addresses())))
            .toList();
    return new LabReport(
        state.name(), state.pid(), state.directory(), nodes, pods, paths, problems);
  }
}
