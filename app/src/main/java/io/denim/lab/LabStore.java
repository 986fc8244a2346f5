package io.denim.lab;

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
  }

  /** Whether there is a host for the programs that keep it. */
  default boolean hasControlPlane() {
    return !(this instanceof Embedded);
  }
}
