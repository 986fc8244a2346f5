package io.denim.cni;

import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Addresses of a subnet that containers may get, as host-local is told of them.
 *
 * @param subnet the subnet, with room for more than a gateway (not /31, /32, /127, /128)
 * @param start the first address ({@code rangeStart})
 * @param end the last address ({@code rangeEnd})
 * @param gateway the gateway, which is never handed out
 */
public record Range(
    Cidr subnet, Optional<IpAddress> start, Optional<IpAddress> end, Optional<IpAddress> gateway) {
  /** Checks that all is in the subnet and in order. */
  public Range {
    int longest = subnet.family().bits() - 2;
    if (subnet.length() > longest) {
      throw new IllegalArgumentException(
          "subnet %s is too small; allowed is a length up to %d".formatted(subnet, longest));
    }
    checkIn(subnet, "rangeStart", start);
    checkIn(subnet, "rangeEnd", end);
    checkIn(subnet, "gateway", gateway);
    IpAddress first = firstOf(subnet, start);
    IpAddress last = lastOf(subnet, end);
    if (first.compareTo(last) > 0) {
      throw new IllegalArgumentException(
          "rangeStart and rangeEnd: the first address would be %s, the last %s"
              .formatted(first, last));
    }
  }

  private static void checkIn(Cidr subnet, String key, Optional<IpAddress> address) {
    if (address.isPresent() && !subnet.contains(address.get())) {
      throw new IllegalArgumentException(
          "%s %s is not in the subnet %s".formatted(key, address.get(), subnet));
    }
  }

  /** The first address that may be handed out: never the subnet's own. */
  public IpAddress first() {
    return firstOf(subnet, start);
  }

  private static IpAddress firstOf(Cidr subnet, Optional<IpAddress> start) {
    return start.filter(each -> !each.equals(subnet.address())).orElse(subnet.address().plus(1));
  }

  /** The last address that may be handed out: never the broadcast address of IPv4. */
  public IpAddress last() {
    return lastOf(subnet, end);
  }

  private static IpAddress lastOf(Cidr subnet, Optional<IpAddress> end) {
    IpAddress broadcast = subnet.last();
    return end.filter(each -> !each.isV4() || !each.equals(broadcast))
        .orElse(subnet.address().isV4() ? broadcast.plus(-1) : broadcast);
  }

  /** The gateway: what is configured, else the first address of the subnet. */
  public IpAddress gatewayAddress() {
    return gateway.orElse(subnet.address().plus(1));
  }

  /** A range that has an address in common with another of them. */
  static Optional<Range> overlapping(Collection<Range> ranges) {
    List<Range> sorted =
        ranges.stream()
            .sorted(
                Comparator.comparing((Range range) -> range.first())
                    .thenComparing(range -> range.last()))
            .toList();
    for (int i = 1; i < sorted.size(); i++) {
      if (sorted.get(i).first().compareTo(sorted.get(i - 1).last()) <= 0) {
        return Optional.of(sorted.get(i));
      }
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return first() + "-" + last() + " in " + subnet;
  }
}
