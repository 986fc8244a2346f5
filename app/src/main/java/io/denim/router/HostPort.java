package io.denim.router;

import io.denim.net.IpAddress;
import java.util.Optional;

/**
 * An address and a TCP port.
 *
 * @param address the address
 * @param port 1 to 65535
 */
public record HostPort(IpAddress address, int port) {
  private static final String ALLOWED = "such as 127.0.0.1:9179 or [::1]:9179";

  /** Checks the port. */
  public HostPort {
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("a port is 1 to 65535, got " + port);
    }
  }

  /**
   * Reads {@code address:port}, an IPv6 address being in brackets.
   *
   * @throws IllegalArgumentException naming the text and what is allowed
   */
  public static HostPort parse(String text) {
    int colon = text.lastIndexOf(':');
    Optional<IpAddress> address = colon < 0 ? Optional.empty() : host(text.substring(0, colon));
    String port = text.substring(colon + 1);
    if (address.isEmpty() || !port.matches("[0-9]{1,5}")) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is no address with a port; allowed: " + ALLOWED);
    }
    return new HostPort(address.get(), Integer.parseInt(port));
  }

  private static Optional<IpAddress> host(String text) {
    if (text.startsWith("[") && text.endsWith("]")) {
      return IpAddress.tryParse(text.substring(1, text.length() - 1)).filter(host -> !host.isV4());
    }
    return IpAddress.tryParse(text).filter(IpAddress::isV4);
  }

  @Override
  public String toString() {
    return address.isV4() ? address + ":" + port : "[" + address + "]:" + port;
  }
}
