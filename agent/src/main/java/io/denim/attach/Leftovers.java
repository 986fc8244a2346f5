package io.denim.attach;

import io.denim.ipam.AllocationException;
import io.denim.linux.LinuxException;
import java.util.ArrayList;
import java.util.List;

/** What could not be taken away: one such thing does not keep the others. */
final class Leftovers {
  private final List<String> reasons = new ArrayList<>();

  /** Takes something away, or takes note of why that was not possible. */
  void attempt(Runnable work) {
    try {
      work.run();
    } catch (LinuxException | AllocationException | AttachmentException e) {
      reasons.add(String.valueOf(e.getMessage()));
    }
  }

  boolean isEmpty() {
    return reasons.isEmpty();
  }

  List<String> reasons() {
    return List.copyOf(reasons);
  }
}
