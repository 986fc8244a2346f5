package io.denim.agent;

import io.denim.apply.Observed.Part;
import io.denim.ipam.Acquired;
import io.denim.store.Event;
import java.util.Set;

/** What wakes an agent's loop. */
sealed interface Signal {
  /** Something of these parts changed in the kernel. */
  record Kernel(Set<Part> parts) implements Signal {}

  /** Something changed in the store. */
  record Stored(Event event) implements Signal {}

  /** The lease has been renewed. */
  record Renewed(Acquired lease) implements Signal {}

  /** The lease could not be renewed. */
  record NotRenewed(String reason) implements Signal {}

  /** The agent is to end. */
  record Stop() implements Signal {}
}
