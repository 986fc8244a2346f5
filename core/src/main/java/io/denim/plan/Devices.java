package io.denim.plan;

import io.denim.model.Backend;
import io.denim.net.Family;

/** The names of the devices that Denim makes, and the sizes of packets on them. */
public final class Devices {
  /** The pods' bridge, as the flannel CNI plugin's default configuration names it. */
  public static final String BRIDGE = "cni0";

  /** What VXLAN adds to a packet: outer IPv4 20, UDP 8, VXLAN 8, inner Ethernet 14 octets. */
  private static final int VXLAN_OVERHEAD_V4 = 50;

  /** As above with an outer IPv6 header of 40 octets. */
  private static final int VXLAN_OVERHEAD_V6 = 70;

  private Devices() {}

  /** flannel's name for the vxlan device of this family. */
  public static String vxlan(Family family, int vni) {
    return switch (family) {
      case IPV4 -> "flannel." + vni;
      case IPV6 -> "flannel-v6." + vni;
    };
  }

  /** Whether flannel or Denim names a vxlan device so. */
  public static boolean isVxlanName(String name) {
    return name.startsWith("flannel.") || name.startsWith("flannel-v6.");
  }

  /**
   * The MTU of the vxlan device of this family.
   *
   * @param underlayMtu the MTU of the external device in bytes
   */
  public static int vxlanMtu(Backend.Vxlan vxlan, Family family, int underlayMtu) {
    int overhead = family == Family.IPV4 ? VXLAN_OVERHEAD_V4 : VXLAN_OVERHEAD_V6;
    return vxlan.mtu().orElse(underlayMtu) - overhead;
  }
}
