package io.denim.plan;

import io.denim.net.IpAddress;
import io.denim.net.MacAddress;

/**
 * How packets for one remote subnet leave this node. Chosen by {@link PathPlanner}; expanded into
 * kernel objects by {@link Planner}.
 */
public sealed interface Path {
  /** The word that users see: {@code direct}, {@code vxlan}, {@code unreachable}. */
  String kind();

  /**
   * Over a link that this node is on itself; the next hop answers ARP there.
   *
   * @param nextHop the peer's address
   * @param device the device that the peer is reached through
   */
  record Direct(IpAddress nextHop, String device) implements Path {
    @Override
    public String kind() {
      return "direct";
    }
  }

  /**
   * Encapsulated as VXLAN (RFC 7348).
   *
   * @param device this node's vxlan device
   * @param remote the peer's address in the underlay
   * @param mac the hardware address of the peer's vxlan device, as the peer published it
   */
  record Vxlan(String device, IpAddress remote, MacAddress mac) implements Path {
    @Override
    public String kind() {
      return "vxlan";
    }
  }

  /**
   * No way in this mode; nothing is installed for it.
   *
   * @param reason shown to the user as it stands
   */
  record Unreachable(String reason) implements Path {
    @Override
    public String kind() {
      return "unreachable";
    }
  }
}
