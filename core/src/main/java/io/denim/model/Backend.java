package io.denim.model;

import java.util.OptionalInt;

/**
 * The encapsulation that a flannel configuration asks for, with its parameters. Which path each
 * pair of nodes takes is the planner's choice; this is only what the user wrote.
 */
public sealed interface Backend {
  /** The word in {@code Backend.Type}. */
  String type();

  /**
   * Packets to other nodes are encapsulated as VXLAN (RFC 7348) by the kernel.
   *
   * @param vni the VXLAN network identifier, 0 to 16777215; the device is {@code flannel.<vni>}
   * @param port the UDP destination port; 0 is the kernel's own, {@link #KERNEL_PORT}
   * @param gbp the group based policy extension
   * @param learning whether the kernel learns addresses from packets
   * @param directRouting whether peers on the same link get a plain route
   * @param mtu the outer MTU in bytes; empty is that of the external interface
   */
  record Vxlan(
      int vni, int port, boolean gbp, boolean learning, boolean directRouting, OptionalInt mtu)
      implements Backend {
    /** The largest VXLAN network identifier: 24 bits. */
    public static final int MAX_VNI = 0xff_ffff;

    /** The port that the kernel takes when none is given (drivers/net/vxlan, udp_port). */
    public static final int KERNEL_PORT = 8472;

    /** Checks the ranges. */
    public Vxlan {
      if (vni < 0 || vni > MAX_VNI || port < 0 || port > 65535) {
        throw new IllegalArgumentException("VNI " + vni + ", port " + port + " out of range");
      }
    }

    /** The port in packets. */
    public int effectivePort() {
      return port == 0 ? KERNEL_PORT : port;
    }

    @Override
    public String type() {
      return "vxlan";
    }
  }

  /** Packets go to the peer as they are; the underlay must be one link. */
  record HostGw() implements Backend {
    @Override
    public String type() {
      return "host-gw";
    }
  }

  /** Subnets are handed out, and somebody else (a cloud's route controller) forwards. */
  record Alloc() implements Backend {
    @Override
    public String type() {
      return "alloc";
    }
  }
}
