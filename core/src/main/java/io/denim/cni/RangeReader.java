package io.denim.cni;

import io.denim.net.Cidr;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Reads ranges of addresses. */
final class RangeReader {
  private static final String ADDRESS = "an address of the subnet, such as 10.244.1.10";

  private RangeReader() {}

  /** The sets of {@code ipam.ranges} or {@code runtimeConfig.ipRanges}. */
  static List<RangeSet> sets(List<Value> values) {
    List<RangeSet> sets = new ArrayList<>();
    for (Value value : values) {
      List<Range> ranges = new ArrayList<>();
      for (Value each : value.list()) {
        ranges.add(
            range(each.path(), each.object())
                .orElseThrow(() -> each.wrong("subnet is missing; " + allowedSubnet())));
      }
      sets.add(checked(value.path(), () -> new RangeSet(ranges)));
    }
    return sets;
  }

  /** The range of an object with {@code subnet}; empty when it has none. */
  static Optional<Range> range(String where, Keys keys) {
    return keys.value("subnet")
        .filter(value -> !value.isEmptyText())
        .map(value ->
            checked(
                where,
                () ->
                    new Range(
                        subnet(value),
                        address(keys, "rangeStart"),
                        address(keys, "rangeEnd"),
                        address(keys, "gateway"))));
  }

  private static Cidr subnet(Value value) {
    InterfaceAddress read = value.parsed(InterfaceAddress::tryParse, allowedSubnet());
    if (!read.subnet().address().equals(read.address())) {
      throw value.wrong("has host bits set; allowed is " + read.subnet());
    }
    return read.subnet();
  }

  private static String allowedSubnet() {
    return "a prefix such as 10.244.1.0/24";
  }

  private static Optional<IpAddress> address(Keys keys, String key) {
    return keys.parsed(key, IpAddress::tryParse, ADDRESS);
  }

  /** What a record's own checks say, said of a key. */
  private static <T> T checked(String where, Supplier<T> record) {
    try {
      return record.get();
    } catch (IllegalArgumentException e) {
      throw new CniException(
          CniException.Code.INVALID_CONFIG, where + ": " + e.getMessage(), "", e);
    }
  }
}
