package io.denim.network.kubernetes;

import io.denim.store.kubernetes.KubernetesAccess;
import java.nio.file.Path;

/**
 * What a node must be told to take part in a network of Kubernetes.
 *
 * @param access where the API server is
 * @param node the name of this node's Node object; see {@link NodeName}
 * @param annotationPrefix {@code --kube-annotation-prefix}
 * @param netConfigPath {@code --net-config-path}
 * @param setNodeNetworkUnavailable {@code --set-node-network-unavailable}
 */
public record KubernetesOptions(
    KubernetesAccess access,
    String node,
    String annotationPrefix,
    Path netConfigPath,
    boolean setNodeNetworkUnavailable) {
  /** flannel's prefix of annotations. */
  public static final String ANNOTATION_PREFIX = "flannel.alpha.coreos.com";

  /** Where flannel's manifest mounts net-conf.json. */
  public static final Path NET_CONFIG_PATH = Path.of("/etc/kube-flannel/net-conf.json");

  /** With flannel's defaults. */
  public static KubernetesOptions of(KubernetesAccess access, String node) {
    return new KubernetesOptions(access, node, ANNOTATION_PREFIX, NET_CONFIG_PATH, true);
  }

  /**
   * Checks the prefix.
   *
   * @throws io.denim.model.InvalidConfigException when no annotation can begin so
   */
  public KubernetesOptions {
    var _ = new NodeAnnotations(annotationPrefix);
  }
}
