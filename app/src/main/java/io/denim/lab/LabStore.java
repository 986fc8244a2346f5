package io.denim.lab;

import java.util.ArrayList;
import java.util.List;

/** Where a lab keeps what its nodes know of each other. */
public sealed interface LabStore {
  /** In files of the lab's folder; for Denim's agents only. */
  record Embedded() implements LabStore {}

  /** In a real etcd of the lab, as flannel does without {@code --kube-subnet-mgr}. */
  record Etcd() implements LabStore {}

  /**
   * In the objects of a real Kubernetes, whose nodes have containerd and kubelet.
   *
   * @param kubeProxy whether each node has kube-proxy (nftables), so that services work
   * @param dns whether there is CoreDNS, so that services have names
   */
  record Kubernetes(boolean kubeProxy, boolean dns) implements LabStore {
    /** With all that a cluster usually has. */
    public static final Kubernetes WHOLE = new Kubernetes(true, true);

    /** The programs of {@link Peers} that it consists of. */
    List<String> programs() {
      List<String> needed =
          new ArrayList<>(
              List.of(
                  "etcd",
                  "kube-apiserver",
                  "kube-controller-manager",
                  "kube-scheduler",
                  "kubectl",
                  "kubelet",
                  "containerd",
                  "containerd-shim-runc-v2",
                  "ctr"));
      if (kubeProxy) {
        needed.add("kube-proxy");
      }
      if (dns) {
        needed.add("coredns");
      }
      return needed;
    }
  }

  /** Whether there is a host for the programs that keep it. */
  default boolean hasControlPlane() {
    return !(this instanceof Embedded);
  }
}
