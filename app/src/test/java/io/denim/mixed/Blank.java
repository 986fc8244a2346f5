package io.denim.mixed;

import io.denim.lab.Lab;
import io.denim.lab.LabConfig;
import io.denim.lab.LabStore;
import io.denim.store.etcd.EtcdOptions;
import java.util.List;

/** A running lab made what it was before any agent ran in it. */
final class Blank {
  private static final String FLANNEL = "flannel.alpha.coreos.com/";

  /** What flanneld writes on a Node, and what Denim does. */
  private static final List<String> ANNOTATIONS =
      List.of(
          "kube-subnet-manager",
          "backend-type",
          "backend-data",
          "backend-v6-data",
          "public-ip",
          "public-ipv6");

  private Blank() {}

  /**
   * Removes what agents and plugins have made on a node: devices, routes, rules and files. Its
   * agent does not run, and it has no pods.
   */
  static void node(Lab lab, String node) {
    lab.machine(node)
        .run(
            "sh",
            "-c",
            """
            for device in flannel.1 flannel-v6.1 cni0; do
              ip link delete "$device" 2>/dev/null
            done
            ip route flush root 10.244.0.0/16
            ip -6 route flush root fd00:10:244::/56
            ip nexthop flush protocol 68
            for table in inet:denim inet:denim_pods bridge:denim_pods ip:flannel-ipv4 \
              ip6:flannel-ipv6; do
              nft delete table "${table%:*}" "${table#*:}" 2>/dev/null
            done
            rm -rf /run/flannel/* /run/denim/* /var/lib/denim/* /var/lib/cni/* /etc/cni/net.d/*
            true
            """);
  }

  /** Makes the store forget all nodes; none has an agent. */
  static void store(Lab lab) {
    if (lab.config().store() instanceof LabStore.Kubernetes) {
      String[] words = new String[ANNOTATIONS.size() + 3];
      words[0] = "annotate";
      words[1] = "nodes";
      words[2] = "--all";
      for (int i = 0; i < ANNOTATIONS.size(); i++) {
        words[i + 3] = FLANNEL + ANNOTATIONS.get(i) + "-";
      }
      lab.kubectl(words);
    } else {
      lab.etcd().delete(EtcdOptions.DEFAULT_PREFIX + "/subnets/");
      lab.etcd().delete(EtcdOptions.DEFAULT_PREFIX + "/denim/");
    }
  }

  /** All of it, after ending the agents. */
  static void lab(Lab lab) {
    List.copyOf(lab.pods()).forEach(pod -> lab.removePod(pod.name()));
    List<String> nodes = lab.config().nodes().stream().map(LabConfig.Node::name).toList();
    nodes.forEach(lab::stopAgent);
    nodes.forEach(node -> node(lab, node));
    store(lab);
  }
}
