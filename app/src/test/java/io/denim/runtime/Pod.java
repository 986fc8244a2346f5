package io.denim.runtime;

import io.denim.net.IpAddress;
import java.nio.file.Path;
import java.util.List;

/**
 * A running pod: one container with a network of its own.
 *
 * @param name what it is called and what it serves
 * @param sandbox what the plugin knows it by (CNI_CONTAINERID)
 * @param container the runtime's number of the container
 * @param addresses as the runtime was told them, IPv4 first
 * @param netns where its network namespace is on the node (CNI_NETNS)
 */
record Pod(String name, String sandbox, String container, List<IpAddress> addresses, Path netns) {
  /** Copies the list. */
  Pod {
    addresses = List.copyOf(addresses);
  }

  /** Its first address. */
  IpAddress address() {
    return addresses.getFirst();
  }
}
