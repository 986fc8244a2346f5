package io.denim.runtime;

import io.denim.lab.Machine;
import io.denim.lab.Peers;
import java.util.Locale;

/** The runtimes that Denim is tested beneath. */
enum RuntimeKind {
  CONTAINERD_2_4(18024),
  CONTAINERD_1_6(18016),
  PODMAN(18043);

  private final int port;

  RuntimeKind(int port) {
    this.port = port;
  }

  /** A name for a pod of this runtime, which no other runtime's has. */
  String pod(String suffix) {
    return name().toLowerCase(Locale.ROOT).replace('_', '-') + "-" + suffix;
  }

  /** A port of a node for a pod of this runtime, which no other runtime's has. */
  int port() {
    return port;
  }

  /** Starts it on a node; podman's containers join this network. */
  ContainerRuntime start(Machine node, Peers peers, String network) {
    return switch (this) {
      case CONTAINERD_2_4 -> Containerd.start(node, Containerd.Release.V2_4, peers);
      case CONTAINERD_1_6 -> Containerd.start(node, Containerd.Release.DEBIAN_1_6, peers);
      case PODMAN -> Podman.start(node, network);
    };
  }
}
