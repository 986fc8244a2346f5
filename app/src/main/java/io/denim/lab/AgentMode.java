package io.denim.lab;

import java.util.Locale;

/** How the agents of a lab's nodes run. */
public enum AgentMode {
  /** All in the lab's own JVM. Starts in no time and needs little memory. */
  THREADS,
  /** One process a node, as in a real cluster: each may be killed and started by itself. */
  PROCESSES;

  /** The word in the YAML: {@code threads} or {@code processes}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
