package io.denim.ipam;

import io.denim.net.IpAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Walks once through ranges, beginning after the address that was given last and going round at the
 * end, so that an address rests as long as possible before it is given again.
 */
final class RoundRobin {
  private final List<AddressRange> ranges;
  private int range;
  private IpAddress next;
  private final int stopRange;
  private final IpAddress stop;
  private boolean round;

  RoundRobin(List<AddressRange> ranges, Optional<IpAddress> last) {
    if (ranges.isEmpty()) {
      throw new IllegalArgumentException("there must be a range of addresses");
    }
    this.ranges = List.copyOf(ranges);
    next = ranges.getFirst().first();
    for (int i = 0; i < ranges.size(); i++) {
      AddressRange candidate = ranges.get(i);
      if (last.filter(at -> inside(candidate, at)).isPresent()) {
        range = i;
        next = last.get();
        step();
        break;
      }
    }
    stopRange = range;
    stop = next;
  }

  private static boolean inside(AddressRange range, IpAddress address) {
    return address.compareTo(range.first()) >= 0 && address.compareTo(range.last()) <= 0;
  }

  private void step() {
    if (next.equals(ranges.get(range).last())) {
      range = (range + 1) % ranges.size();
      next = ranges.get(range).first();
    } else {
      next = next.plus(1);
    }
  }

  /** The next address that is not taken; empty when the walk is over. */
  Optional<IpAddress> next(Set<IpAddress> taken) {
    while (!(round && range == stopRange && next.equals(stop))) {
      round = true;
      IpAddress address = next;
      boolean offered = ranges.get(range).offers(address);
      step();
      if (offered && !taken.contains(address)) {
        return Optional.of(address);
      }
    }
    return Optional.empty();
  }
}
