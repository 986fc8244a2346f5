package io.denim.cli;

import io.denim.cli.LabReport.ControlRow;
import io.denim.cli.LabReport.PodRow;
import io.denim.lab.KubernetesApi;
import io.denim.lab.LabConfig;
import io.denim.lab.LabState;
import io.denim.lab.LabState.Member;
import io.denim.linux.ns.Namespace;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * What the host of the control plane and, through it, Kubernetes say of a lab.
 *
 * @param rows the programs that all nodes need
 * @param nodes what Kubernetes finds of each node
 * @param pods the pods of Kubernetes
 */
record ControlReport(List<ControlRow> rows, Map<String, String> nodes, List<PodRow> pods) {
  /** Empty where a lab has no such host. */
  static ControlReport of(LabState state) {
    Optional<Member> host = state.of(LabConfig.CONTROL_PLANE_KIND).stream().findFirst();
    if (host.isEmpty()) {
      return new ControlReport(List.of(), Map.of(), List.of());
    }
    String name = host.get().name();
    String address = host.get().addresses().getFirst();
    if (state.kubectl().isEmpty()) {
      return new ControlReport(
          List.of(new ControlRow(name, "etcd", address + " port 2379", "")), Map.of(), List.of());
    }
    try (Namespace inside = state.open(LabConfig.CONTROL_PLANE)) {
      KubernetesApi api = state.kubernetes(inside);
      boolean ready = api.isReady();
      var row =
          new ControlRow(
              name,
              "Kubernetes",
              address + " port " + KubernetesApi.PORT,
              ready ? "ready" : "does not answer");
      return ready
          ? new ControlReport(List.of(row), nodes(api), pods(api))
          : new ControlReport(List.of(row), Map.of(), List.of());
    }
  }

  /** What Kubernetes finds of a node; empty without Kubernetes. */
  String ofNode(String name) {
    return nodes.getOrDefault(name, "");
  }

  private static Map<String, String> nodes(KubernetesApi api) {
    return api.get("/api/v1/nodes")
        .path("items")
        .valueStream()
        .collect(
            Collectors.toMap(
                node -> node.at("/metadata/name").asString(""),
                node ->
                    condition(node)
                        .map(ready ->
                            ready.path("status").asString("").equals("True")
                                ? "ready"
                                : "not ready: " + ready.path("message").asString(""))
                        .orElse("not ready")));
  }

  private static Optional<JsonNode> condition(JsonNode object) {
    return object
        .at("/status/conditions")
        .valueStream()
        .filter(each -> each.path("type").asString("").equals("Ready"))
        .findFirst();
  }

  private static List<PodRow> pods(KubernetesApi api) {
    return api.get("/api/v1/pods").path("items").valueStream().map(ControlReport::pod).toList();
  }

  private static PodRow pod(JsonNode pod) {
    String addresses =
        pod.at("/status/podIPs")
            .valueStream()
            .map(each -> each.path("ip").asString(""))
            .collect(Collectors.joining(" "));
    boolean ready =
        condition(pod).filter(each -> each.path("status").asString("").equals("True")).isPresent();
    String phase = pod.at("/status/phase").asString("");
    return new PodRow(
        pod.at("/metadata/namespace").asString("") + "/" + pod.at("/metadata/name").asString(""),
        pod.at("/spec/nodeName").asString(""),
        addresses,
        ready ? phase + ", ready" : phase);
  }
}
