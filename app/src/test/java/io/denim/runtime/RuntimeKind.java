package io.denim.runtime;

/** The runtimes that Denim is tested beneath. */
enum RuntimeKind {
  CONTAINERD_2_4,
  CONTAINERD_1_6,
  PODMAN;

  /** A name for a pod of this runtime, which no other runtime's has. */
  String pod(String suffix) {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-') + "-" + suffix;
  }

  /** A port of a node for a pod of this runtime, which no other runtime's has. */
  int port(int base) {
    return base + ordinal();
  }

  /** Starts it on a node; podman's containers join this network. */
  ContainerRuntime start(RuntimeNode node, Peers peers, String network) {
    return switch (this) {
      case CONTAINERD_2_4 -> Containerd.start(node, Containerd.Release.V2_4, peers);
      case CONTAINERD_1_6 -> Containerd.start(node, Containerd.Release.DEBIAN_1_6, peers);
      case PODMAN -> Podman.start(node, network);
    };
  }
}
