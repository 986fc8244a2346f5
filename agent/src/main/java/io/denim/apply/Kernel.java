package io.denim.apply;

import io.denim.plan.Desired;
import java.util.List;
import java.util.Set;

/** What the reconciler needs of a kernel. */
public interface Kernel {
  /**
   * Reads these parts anew; the others are as they were.
   *
   * @param desired tells which devices and parameters matter
   */
  Observed read(Set<Observed.Part> parts, Observed before, Desired desired);

  /** Executes steps in order, and gives those that failed. */
  List<Failed> apply(List<Step> steps);

  /**
   * A step that the kernel refused, with its words.
   *
   * @param deferred whether nothing suffers from it for now and it is done when its time has come
   */
  record Failed(Step step, String reason, boolean deferred) {
    /** One that stands in the way now. */
    public Failed(Step step, String reason) {
      this(step, reason, false);
    }
  }
}
