package io.denim.lab;

import java.util.Locale;

/** What makes a node's part of the network. */
public enum AgentKind {
  /** Denim's own agent. */
  DENIM,
  /** Real flanneld beside the reference CNI plugins. */
  FLANNELD;

  /** The word in the YAML: {@code denim} or {@code flanneld}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
