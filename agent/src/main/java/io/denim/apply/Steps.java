package io.denim.apply;

import io.denim.apply.Observed.Part;
import io.denim.linux.netlink.Request;
import java.util.ArrayList;
import java.util.List;

/** Steps as they are found: what is to be made, in that order, and behind all of it what goes. */
final class Steps {
  private final List<Step> steps = new ArrayList<>();
  private final List<Step> removals = new ArrayList<>();

  void add(Step step) {
    steps.add(step);
  }

  void make(Part part, Request request) {
    steps.add(new Step.Netlink(part, request, false));
  }

  /** What is not there any more is gone as it should be. */
  void remove(Part part, Request request) {
    removals.add(new Step.Netlink(part, request, true));
  }

  /** That it is not there is a failure. */
  void removePresent(Part part, Request request) {
    removals.add(new Step.Netlink(part, request, false));
  }

  /** All of them, in the order in which they are to be executed. */
  List<Step> inOrder() {
    List<Step> all = new ArrayList<>(steps);
    all.addAll(removals);
    return List.copyOf(all);
  }
}
