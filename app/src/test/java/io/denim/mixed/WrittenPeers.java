package io.denim.mixed;

import io.denim.lab.Lab;
import io.denim.lab.LabConfig;
import io.denim.lab.LabStore;
import io.denim.store.etcd.EtcdOptions;

/** Nodes that are only written in the store, as flanneld would have written them. */
final class WrittenPeers {
  private static final String ANNOTATION = "    flannel.alpha.coreos.com/";

  private final Lab lab;
  private final boolean vxlan;
  private final boolean dual;

  /** Of the backend and the families that this configuration has. */
  WrittenPeers(Lab lab, LabConfig wanted) {
    this.lab = lab;
    vxlan = !wanted.netConf().contains("host-gw");
    dual = wanted.netConf().contains("IPv6Network");
  }

  /** Writes the one that has subnet 10.244.number.0/24, in the place of an earlier one. */
  void write(int number, boolean behindRouter) {
    var peer =
        new Peer(
            number,
            (behindRouter ? "10.9.0." : "10.1.0.") + number,
            (behindRouter ? "fd09::" : "fd01::") + number);
    if (lab.config().store() instanceof LabStore.Kubernetes) {
      node(peer);
    } else {
      lease(peer);
    }
  }

  private record Peer(int number, String public4, String public6) {
    String data(int family) {
      return "{\"VNI\":1,\"VtepMAC\":\"0a:00:00:00:0%d:%d\"}".formatted(family, number);
    }

    String subnet4() {
      return "10.244." + number + ".0";
    }

    String subnet6() {
      return "fd00:10:244:" + number + "::";
    }
  }

  private void lease(Peer peer) {
    String key = peer.subnet4() + "-24" + (dual ? "&" + peer.subnet6() + "-64" : "");
    StringBuilder value = new StringBuilder("{\"PublicIP\":\"" + peer.public4() + "\"");
    value.append(",\"PublicIPv6\":").append(dual ? "\"" + peer.public6() + "\"" : "null");
    value.append(",\"BackendType\":\"").append(type()).append('"');
    if (vxlan) {
      value.append(",\"BackendData\":").append(peer.data(4));
      if (dual) {
        value.append(",\"BackendV6Data\":").append(peer.data(6));
      }
    }
    lab.etcd().put(EtcdOptions.DEFAULT_PREFIX + "/subnets/" + key, value.append('}').toString());
  }

  private String type() {
    return vxlan ? "vxlan" : "host-gw";
  }

  private void node(Peer peer) {
    String name = "peer" + peer.number();
    StringBuilder yaml = new StringBuilder("apiVersion: v1\nkind: Node\nmetadata:\n  name: ");
    yaml.append(name).append("\n  annotations:\n");
    annotate(yaml, "kube-subnet-manager", "true");
    annotate(yaml, "backend-type", type());
    annotate(yaml, "backend-data", vxlan ? peer.data(4) : "null");
    annotate(yaml, "public-ip", peer.public4());
    if (dual) {
      annotate(yaml, "backend-v6-data", vxlan ? peer.data(6) : "null");
      annotate(yaml, "public-ipv6", peer.public6());
    }
    yaml.append("spec:\n  podCIDR: ").append(peer.subnet4()).append("/24\n  podCIDRs:\n");
    yaml.append("  - ").append(peer.subnet4()).append("/24\n");
    if (dual) {
      yaml.append("  - \"").append(peer.subnet6()).append("/64\"\n");
    }
    lab.kubernetes().apply(yaml.toString());
  }

  private static void annotate(StringBuilder yaml, String name, String value) {
    yaml.append(ANNOTATION).append(name).append(": '").append(value).append("'\n");
  }
}
