package io.denim.ipam;

import io.denim.model.SubnetKey;
import java.util.List;

/** Which subnet a node should have, before the store has been asked for it. */
sealed interface Choice {
  /** In words for a log. */
  String why();

  /** The one it holds. */
  record Keep(Leases.Held held, String why) implements Choice {}

  /**
   * One that it does not hold yet.
   *
   * @param inTheWay leases of this node that share a subnet with the new one, to be deleted before
   * @param outlived other leases of this node that the configuration does not allow any more, to be
   *     deleted after
   */
  record New(SubnetKey subnet, List<Leases.Held> inTheWay, List<Leases.Held> outlived, String why)
      implements Choice {
    /** Copies the lists. */
    public New {
      inTheWay = List.copyOf(inTheWay);
      outlived = List.copyOf(outlived);
    }
  }
}
