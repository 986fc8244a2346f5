package io.denim.cni;

import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.util.Optional;

/** Addresses as people and runtimes write them in calls and configurations. */
final class Addresses {
  /** What {@link #tryInterface} reads, in words. */
  static final String INTERFACE =
      "an address with or without a length, such as 10.244.1.7 or 10.244.1.7/24";

  /** What {@link #tryMac} reads, in words. */
  static final String MAC = "a hardware address of one device, such as c6:d2:32:6f:8f:44";

  /** The bit of the first octet that says "many", IEEE 802. */
  private static final long MULTICAST = 0x0100_0000_0000L;

  private Addresses() {}

  /** An address with a length; one without is alone in its subnet. */
  static Optional<InterfaceAddress> tryInterface(String text) {
    return text.indexOf('/') >= 0
        ? InterfaceAddress.tryParse(text)
        : IpAddress.tryParse(text)
            .map(address -> new InterfaceAddress(address, address.family().bits()));
  }

  /** The address of one device, with colons or, as Go reads too, hyphens. */
  static Optional<MacAddress> tryMac(String text) {
    return MacAddress.tryParse(text.indexOf(':') < 0 ? text.replace('-', ':') : text)
        .filter(mac -> (mac.bits() & MULTICAST) == 0 && !mac.equals(MacAddress.ZERO));
  }
}
