package io.denim.cli;

import io.denim.store.etcd.EtcdOptions;
import io.denim.store.kubernetes.KubernetesAccess;
import java.nio.file.Path;

/** Where the network is kept, as the flags say. */
public sealed interface NetworkSource {
  /** In Denim's own store, a folder of this machine. */
  record Embedded(Path folder) implements NetworkSource {}

  /** In an etcd cluster, in flannel's layout. */
  record Etcd(EtcdOptions options) implements NetworkSource {}

  /**
   * In the Node objects of a Kubernetes API server, as flannel does with {@code --kube-subnet-mgr}.
   *
   * @param access where the API server is
   * @param annotationPrefix {@code --kube-annotation-prefix}
   * @param setNodeNetworkUnavailable {@code --set-node-network-unavailable}
   * @param nodeNamed whether flag or environment name the node; otherwise the pod says on which it
   *     runs, as long as it can be asked
   */
  record Kubernetes(
      KubernetesAccess access,
      String annotationPrefix,
      boolean setNodeNetworkUnavailable,
      boolean nodeNamed)
      implements NetworkSource {}
}
