package io.denim.cni;

import io.denim.net.Family;
import java.util.List;

/**
 * Ranges of one family of which a container gets one address.
 *
 * @param ranges at least one; no address is in two
 */
public record RangeSet(List<Range> ranges) {
  /** Checks the ranges. */
  public RangeSet {
    ranges = List.copyOf(ranges);
    if (ranges.isEmpty()) {
      throw new IllegalArgumentException("a set of ranges is not empty");
    }
    Family family = ranges.getFirst().subnet().family();
    for (Range range : ranges) {
      if (range.subnet().family() != family) {
        throw new IllegalArgumentException(
            "%s and %s are of two families; write a set for each"
                .formatted(ranges.getFirst().subnet(), range.subnet()));
      }
    }
    Range.overlapping(ranges)
        .ifPresent(range -> {
          throw new IllegalArgumentException("range " + range + " overlaps another of its set");
        });
  }

  /** The family of all ranges. */
  public Family family() {
    return ranges.getFirst().subnet().family();
  }
}
