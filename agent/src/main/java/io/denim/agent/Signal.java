package io.denim.agent;

import io.denim.apply.Observed.Part;
import io.denim.model.FlannelLease;
import io.denim.network.Membership;
import java.util.Optional;
import java.util.Set;

/** What wakes an agent's loop. */
sealed interface Signal {
  /** Something of these parts changed in the kernel. */
  record Kernel(Set<Part> parts) implements Signal {}

  /** The network may look different now. */
  record Network() implements Signal {}

  /**
   * The network is followed from now on.
   *
   * @param published what this node published when it ran last
   */
  record Followed(Optional<FlannelLease> published) implements Signal {}

  /** The node has its subnets and is published. */
  record Joined(Membership.Held held) implements Signal {}

  /**
   * That could not be had.
   *
   * @param reason in words for a person
   * @param kind what to do about it
   */
  record NotYet(String reason, Kind kind) implements Signal {
    enum Kind {
      /** Nobody can help but the store, or who writes into it now: tried again soon. */
      STORE,
      /** Something has to happen in the network first: tried again soon. */
      WAIT,
      /** Somebody has to mend something. */
      REFUSED
    }
  }

  /** The agent is to end. */
  record Stop() implements Signal {}
}
