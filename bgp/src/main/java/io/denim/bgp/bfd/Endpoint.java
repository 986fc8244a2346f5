package io.denim.bgp.bfd;

import io.denim.net.IpAddress;
import java.util.Optional;

/**
 * Where packets of sessions come in.
 *
 * @param address of this host
 * @param multihop whether by the port for several hops
 * @param device the only one they may come by, where that matters (link-local addresses)
 */
public record Endpoint(IpAddress address, boolean multihop, Optional<String> device) {
  /** The port of RFC 5881. */
  public static final int SINGLE_HOP_PORT = 3784;

  /** The port of RFC 5883. */
  public static final int MULTIHOP_PORT = 4784;

  /** The port of this kind of session, on both sides. */
  public int port() {
    return multihop ? MULTIHOP_PORT : SINGLE_HOP_PORT;
  }

  @Override
  public String toString() {
    return (address.isV4() ? address.toString() : "[" + address + "]")
        + ":"
        + port()
        + device.map(name -> " at " + name).orElse("");
  }
}
