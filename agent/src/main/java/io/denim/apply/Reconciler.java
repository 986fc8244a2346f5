package io.denim.apply;

import io.denim.apply.Observed.Part;
import io.denim.plan.Desired;
import io.denim.plan.PeerObjects;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Brings a kernel to what is desired. Used by one thread. It keeps what it has read, so that a hint
 * costs only the reading of what the hint is about.
 */
public final class Reconciler {
  /**
   * Making devices, filling them, and looking again; more rounds mean that somebody works against
   * us.
   */
  private static final int ROUNDS = 4;

  private final Kernel kernel;
  private final Set<Part> stale = EnumSet.allOf(Part.class);

  private Observed observed = Observed.NOTHING;
  private List<String> lastNames = List.of();

  /** A reconciler that has read nothing yet. */
  public Reconciler(Kernel kernel) {
    this.kernel = kernel;
  }

  /** What one run did. */
  public record Outcome(List<Step> done, List<Kernel.Failed> failed) {
    /** Whether there is nothing to be tried again soon. */
    public boolean isSettled() {
      return failed.stream().allMatch(Kernel.Failed::deferred);
    }

    /** Copies the lists. */
    public Outcome {
      done = List.copyOf(done);
      failed = List.copyOf(failed);
    }
  }

  /** Takes a hint that these parts have changed. */
  public void hint(Set<Part> parts) {
    stale.addAll(parts);
  }

  /** The steps that a run would take now. Changes nothing. */
  public List<Step> preview(Desired desired) {
    read(desired);
    return Difference.between(desired, observed);
  }

  /** Goes round until the kernel is as desired, or as long as that brings it nearer. */
  public Outcome reconcile(Desired desired) {
    List<Step> done = new ArrayList<>();
    List<Kernel.Failed> failed = List.of();
    for (int round = 0; round < ROUNDS; round++) {
      List<Step> steps = preview(desired);
      if (steps.isEmpty()) {
        return new Outcome(done, List.of());
      }
      failed = kernel.apply(steps);
      done.addAll(steps);
      steps.forEach(step -> stale.addAll(touchedBy(step)));
      if (!failed.isEmpty() && failed.size() == steps.size()) {
        break;
      }
    }
    return new Outcome(done, failed);
  }

  /**
   * Changes the objects of some peers and nothing else, without reading the kernel before or after;
   * for when nothing but these peers has changed since a run that ended well. The next run looks.
   *
   * @return empty when there is more to do than that
   */
  public Optional<Outcome> change(PeerObjects before, PeerObjects after) {
    return PeerDifference.between(observed.links(), before, after)
        .map(steps -> {
          List<Kernel.Failed> failed = kernel.apply(steps);
          steps.forEach(step -> stale.addAll(touchedBy(step)));
          // What is out of date is not kept: it is as much as all else that is known of the peers.
          observed = observed.without(stale);
          return new Outcome(steps, failed);
        });
  }

  /** What the kernel has, read anew where a hint said so. */
  public Observed observe(Desired desired) {
    read(desired);
    return observed;
  }

  private void read(Desired desired) {
    if (!lastNames.equals(names(desired))) {
      // Which devices and parameters are looked at follows from what is wanted.
      stale.addAll(EnumSet.of(Part.NEIGHBOURS, Part.FORWARDING, Part.SYSCTLS));
      lastNames = names(desired);
    }
    if (!stale.isEmpty()) {
      observed = kernel.read(EnumSet.copyOf(stale), observed, desired);
      stale.clear();
    }
  }

  private static List<String> names(Desired desired) {
    return Stream.concat(
            desired.devices().stream().map(Desired.Device::name),
            desired.sysctls().stream().map(Desired.SysctlRule::path))
        .toList();
  }

  private static Set<Part> touchedBy(Step step) {
    return switch (step) {
      case Step.Netlink netlink ->
          netlink.part() == Part.LINKS
              ? EnumSet.complementOf(EnumSet.of(Part.TABLE))
              : netlink.part() == Part.ADDRESSES
                  ? EnumSet.of(Part.ADDRESSES, Part.ROUTES)
                  : netlink.part() == Part.NEXTHOPS
                      ? EnumSet.of(Part.NEXTHOPS, Part.ROUTES)
                      : EnumSet.of(netlink.part());
      case Step.Table _ -> EnumSet.of(Part.TABLE);
      case Step.Sysctl _ -> EnumSet.of(Part.SYSCTLS);
    };
  }
}
