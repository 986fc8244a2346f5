package io.denim.lab;

import io.denim.lab.LabState.Member;
import io.denim.linux.LinuxException;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The pods of a lab's Kubernetes as members of the lab. Kubernetes knows their addresses, and the
 * namespaces that containerd keeps on the node tell whose each is.
 */
final class KubernetesPods {
  private static final String NETNS = "/run/netns";

  private KubernetesPods() {}

  /** The running pods that have a network of their own, under their names. */
  static List<Member> members(LabState lab, KubernetesApi api) {
    Map<String, Map<IpAddress, Path>> namespaces = new HashMap<>();
    List<Member> members = new ArrayList<>();
    for (JsonNode pod : api.get("/api/v1/pods").path("items")) {
      String node = pod.at("/spec/nodeName").asString("");
      List<String> addresses = addresses(pod);
      if (node.isEmpty() || addresses.isEmpty() || pod.at("/spec/hostNetwork").asBoolean(false)) {
        continue;
      }
      Member host = lab.member(node);
      Optional.ofNullable(
              namespaces
                  .computeIfAbsent(node, _ -> byAddress(host))
                  .get(IpAddress.parse(addresses.getFirst())))
          .ifPresent(path ->
              members.add(
                  new Member(
                      name(pod), "pod", node, path.toString(), addresses, host.machine(), "")));
    }
    return members;
  }

  /** As users say it: without the namespace default. */
  static String name(JsonNode pod) {
    String namespace = pod.at("/metadata/namespace").asString("");
    String name = pod.at("/metadata/name").asString("");
    return namespace.equals("default") ? name : namespace + "/" + name;
  }

  static List<String> addresses(JsonNode pod) {
    return pod.at("/status/podIPs")
        .valueStream()
        .map(each -> each.path("ip").asString(""))
        .toList();
  }

  private static Map<IpAddress, Path> byAddress(Member node) {
    Map<IpAddress, Path> found = new HashMap<>();
    try (Stream<Path> all = Files.list(Machine.at(node.machine(), NETNS))) {
      for (Path each : all.toList()) {
        try (Namespace namespace = Namespace.open(each);
            Rtnetlink inside = Rtnetlink.open(namespace)) {
          inside.addresses().forEach(address -> found.put(address.address().address(), each));
        } catch (LinuxException e) {
          // Of a pod that goes at this moment.
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look for the pods of node " + node.name(), e);
    }
    return found;
  }
}
