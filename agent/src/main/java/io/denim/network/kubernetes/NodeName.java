package io.denim.network.kubernetes;

import io.denim.model.InvalidConfigException;
import io.denim.store.UnavailableException;
import io.denim.store.kubernetes.JsonFields;
import io.denim.store.kubernetes.KubernetesAccess;
import io.denim.store.kubernetes.KubernetesApi;
import io.denim.store.kubernetes.ObjectReader;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JsonParser;

/** Which Node an agent's own is. */
public final class NodeName {
  private NodeName() {}

  /**
   * {@code NODE_NAME}; else the node on which the pod {@code POD_NAME} in {@code POD_NAMESPACE}
   * runs, for which the API server is asked; else what the command line says.
   *
   * @param flag the command line's {@code --node-name}
   * @throws InvalidConfigException when nothing says it
   * @throws UnavailableException when the API server cannot be asked or knows no such pod
   */
  public static String find(
      KubernetesAccess access, Map<String, String> environment, Optional<String> flag) {
    String name = environment.getOrDefault("NODE_NAME", "");
    if (!name.isEmpty()) {
      return name;
    }
    String pod = environment.getOrDefault("POD_NAME", "");
    String namespace = environment.getOrDefault("POD_NAMESPACE", "");
    if (!pod.isEmpty() && !namespace.isEmpty()) {
      return ofPod(access, namespace, pod);
    }
    return flag.filter(text -> !text.isEmpty())
        .orElseThrow(() ->
            InvalidConfigException.of(
                "node name",
                "",
                "nothing says which Node this is; set NODE_NAME, or both POD_NAME and"
                    + " POD_NAMESPACE, or give --node-name"));
  }

  private static String ofPod(KubernetesAccess access, String namespace, String pod) {
    try (KubernetesApi api = KubernetesApi.of(access)) {
      return api.get("/api/v1/namespaces/" + namespace + "/pods/" + pod, PodObject::read)
          .map(PodObject::node)
          .filter(node -> !node.isEmpty())
          .orElseThrow(() ->
              new UnavailableException(
                  "the API server knows no pod "
                      + namespace
                      + "/"
                      + pod
                      + " that runs on a node; POD_NAME and POD_NAMESPACE must name the pod of"
                      + " this agent"));
    }
  }

  /** The one thing that is asked of a pod. */
  private record PodObject(String node, String resourceVersion) implements ObjectReader.Versioned {
    static PodObject read(JsonParser parser) {
      String[] node = {""};
      JsonFields.Member spec =
          (field, value) -> {
            if (!field.equals("nodeName")) {
              return false;
            }
            node[0] = JsonFields.text(value);
            return true;
          };
      JsonFields.each(
          parser,
          (field, value) -> {
            if (!field.equals("spec")) {
              return false;
            }
            JsonFields.each(value, spec);
            return true;
          });
      return new PodObject(node[0], "");
    }
  }
}
