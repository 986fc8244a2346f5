package io.denim.lab;

import java.util.List;
import java.util.Locale;

/** How the agents of a lab's nodes run. */
public enum AgentMode {
  /** All in the lab's own JVM. Starts in no time and needs little memory. */
  THREADS,
  /** One process a node, as in a real cluster: each may be killed and started by itself. */
  PROCESSES,
  /**
   * As processes, on nodes with mounts and processes of their own ({@link Machine}), so that all
   * files are at their usual paths and other programs run beside them.
   */
  MACHINES;

  /** The flags of Denim's agents beside those that every lab needs, when none are given. */
  List<String> flags() {
    return switch (this) {
      case THREADS, PROCESSES -> List.of();
      case MACHINES -> List.of("--cni-conf-dir=/etc/cni/net.d", "--cni-bin-dir=/opt/cni/bin");
    };
  }

  /** The word in the YAML: {@code threads}, {@code processes} or {@code machines}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
