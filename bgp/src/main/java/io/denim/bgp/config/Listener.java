package io.denim.bgp.config;

import io.denim.net.IpAddress;

/**
 * A socket that peers may dial.
 *
 * @param address the local address; 0.0.0.0 or :: for all of the family
 * @param port the TCP port; 0 lets the kernel choose, for tests
 */
public record Listener(IpAddress address, int port) {
  /** The port of BGP (RFC 4271 8.2.1). */
  public static final int BGP_PORT = 179;

  /** Checks the port, and that the address is one of the whole node. */
  public Listener {
    if (address.needsInterface()) {
      throw new IllegalArgumentException(
          "a listener is not at one link alone; allowed: such as ::, where link-local peers dial, too; got "
              + address);
    }
    Bounds.check("a listener's port", port, 0, 65535);
  }

  @Override
  public String toString() {
    return address.isV4() ? address + ":" + port : "[" + address + "]:" + port;
  }
}
