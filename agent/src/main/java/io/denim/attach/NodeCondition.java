package io.denim.attach;

import java.util.List;

/** Whether a node can take containers. */
public sealed interface NodeCondition {
  /** It can. */
  record Ready() implements NodeCondition {}

  /** Not yet: there is no subnet, or its devices are not there; with the reasons. */
  record NotReady(List<String> reasons) implements NodeCondition {
    /** Copies the list. */
    public NotReady {
      reasons = List.copyOf(reasons);
    }
  }

  /** It could, but the kernel refuses a part of its network; with the reasons. */
  record Limited(List<String> reasons) implements NodeCondition {
    /** Copies the list. */
    public Limited {
      reasons = List.copyOf(reasons);
    }
  }
}
