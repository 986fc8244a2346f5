package io.denim.lab;

import io.denim.agent.AgentException;
import io.denim.agent.CniClient;
import io.denim.cni.CniException;
import io.denim.cni.CniResult;
import io.denim.cni.CniVersion;
import io.denim.linux.ns.Namespace;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** By calls of the agent of Denim, as denim-cni makes them. */
final class DenimPlugin implements PodPlugin {
  /** The network has the name that kube-flannel gives it. */
  private static final String CONFIG =
      """
      {"cniVersion": "1.1.0", "name": "cbr0", "type": "denim-cni"}
      """;

  private final CniClient client;

  DenimPlugin(Path socket) {
    client = new CniClient(socket);
  }

  @Override
  public CniResult add(String pod, Namespace namespace) {
    return CniResult.parse(call("ADD", pod, Optional.of(namespace)), CniVersion.V1_1_0);
  }

  @Override
  public void del(String pod) {
    call("DEL", pod, Optional.empty());
  }

  private String call(String verb, String pod, Optional<Namespace> namespace) {
    Map<String, String> variables =
        Map.of(
            "CNI_COMMAND",
            verb,
            "CNI_CONTAINERID",
            pod,
            "CNI_IFNAME",
            DEVICE,
            "CNI_NETNS",
            namespace.map(each -> each.path().toString()).orElse(""),
            "CNI_ARGS",
            "IgnoreUnknown=1;K8S_POD_NAMESPACE=lab;K8S_POD_NAME=" + pod);
    try {
      CniClient.Answer answer = client.call(variables, CONFIG, namespace);
      if (answer.exitCode() != 0) {
        throw new LabException("cannot " + verb + " pod " + pod + ": " + answer.out());
      }
      return answer.out();
    } catch (AgentException | CniException e) {
      throw new LabException("cannot " + verb + " pod " + pod + ": " + e.getMessage());
    }
  }
}
