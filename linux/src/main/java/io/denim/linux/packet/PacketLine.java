package io.denim.linux.packet;

import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A frame as one line of text: Ethernet, IP, ARP, UDP, TCP, ICMP, and the frame inside VXLAN (RFC
 * 7348), its layers in their order with {@code ;} between. What is not known is named by its
 * number; where a frame ends too early the line says {@code cut short}.
 */
public final class PacketLine {
  // linux/if_ether.h
  private static final int ETH_HLEN = 14;
  private static final int ETH_P_802_3_MIN = 0x0600;
  private static final int ETH_P_IP = 0x0800;
  private static final int ETH_P_ARP = 0x0806;
  private static final int ETH_P_IPV6 = 0x86dd;
  // linux/in.h
  private static final int IPPROTO_ICMP = 1;
  private static final int IPPROTO_TCP = 6;
  private static final int IPPROTO_UDP = 17;
  private static final int IPPROTO_ICMPV6 = 58;

  /** IANA's port, and the one that Linux and flannel use by default. */
  private static final List<Integer> VXLAN_PORTS = List.of(4789, 8472);

  private static final int VXLAN_VNI_VALID = 0x08;

  /** More tunnels within tunnels than anybody builds. */
  private static final int DEEPEST = 4;

  private static final String TCP_FLAGS = "FSRPAU";

  private final byte[] octets;
  private final List<String> layers = new ArrayList<>();
  private int end;

  private PacketLine(byte[] octets) {
    this.octets = octets;
    this.end = octets.length;
  }

  /** The line for an Ethernet frame; any octets give one. */
  public static String of(byte[] frame) {
    var line = new PacketLine(frame);
    line.ethernet(0, 0);
    return String.join("; ", line.layers);
  }

  /** Whether so many octets are there; else the line ends with that. */
  private boolean has(int at, int count) {
    if (at + count <= end) {
      return true;
    }
    layers.add("cut short");
    return false;
  }

  private int u8(int at) {
    return octets[at] & 0xff;
  }

  private int be16(int at) {
    return u8(at) << 8 | u8(at + 1);
  }

  private MacAddress mac(int at) {
    return MacAddress.ofBytes(Arrays.copyOfRange(octets, at, at + 6));
  }

  private IpAddress ip(int at, int length) {
    return IpAddress.ofBytes(Arrays.copyOfRange(octets, at, at + length));
  }

  private void ethernet(int at, int depth) {
    if (!has(at, ETH_HLEN)) {
      return;
    }
    layers.add("eth " + mac(at + 6) + " > " + mac(at));
    int type = be16(at + 12);
    int next = at + ETH_HLEN;
    switch (type) {
      case ETH_P_IP -> ipv4(next, depth);
      case ETH_P_IPV6 -> ipv6(next, depth);
      case ETH_P_ARP -> arp(next);
      default ->
          layers.add(
              type < ETH_P_802_3_MIN ? "802.3 length " + type : "ethertype 0x%04x".formatted(type));
    }
  }

  /** RFC 826, for IPv4 over Ethernet. */
  private void arp(int at) {
    if (!has(at, 28)) {
      return;
    }
    IpAddress sender = ip(at + 14, 4);
    IpAddress target = ip(at + 24, 4);
    int operation = be16(at + 6);
    layers.add(
        switch (operation) {
          case 1 -> "arp who has " + target + " asks " + sender;
          case 2 -> "arp " + sender + " is at " + mac(at + 8);
          default -> "arp operation " + operation;
        });
  }

  private void ipv4(int at, int depth) {
    if (!has(at, 20)) {
      return;
    }
    int header = (u8(at) & 0xf) * 4;
    int fragment = be16(at + 6);
    layers.add("ip " + ip(at + 12, 4) + " > " + ip(at + 16, 4) + " ttl " + u8(at + 8));
    if (header < 20) {
      layers.add("header of " + header + " octets");
      return;
    }
    // Ethernet pads short frames; what is beyond the packet's own length is not of it.
    end = Math.min(end, at + Math.max(header, be16(at + 2)));
    if ((fragment & 0x1fff) != 0) {
      layers.add("fragment at " + (fragment & 0x1fff) * 8);
    } else {
      transport(u8(at + 9), at + header, depth);
    }
  }

  private void ipv6(int at, int depth) {
    if (!has(at, 40)) {
      return;
    }
    layers.add("ip6 " + ip(at + 8, 16) + " > " + ip(at + 24, 16) + " hops " + u8(at + 7));
    end = Math.min(end, at + 40 + be16(at + 4));
    transport(u8(at + 6), at + 40, depth);
  }

  private void transport(int protocol, int at, int depth) {
    switch (protocol) {
      case IPPROTO_UDP -> udp(at, depth);
      case IPPROTO_TCP -> tcp(at);
      case IPPROTO_ICMP -> icmp("icmp", 8, 0, at);
      case IPPROTO_ICMPV6 -> icmp("icmp6", 128, 129, at);
      default -> layers.add("protocol " + protocol);
    }
  }

  private void udp(int at, int depth) {
    if (!has(at, 8)) {
      return;
    }
    int port = be16(at + 2);
    layers.add("udp " + be16(at) + " > " + port);
    int next = at + 8;
    if (VXLAN_PORTS.contains(port)
        && next + 8 <= end
        && u8(next) == VXLAN_VNI_VALID
        && depth < DEEPEST) {
      layers.add("vxlan " + (u8(next + 4) << 16 | be16(next + 5)));
      ethernet(next + 8, depth + 1);
    }
  }

  private void tcp(int at) {
    if (!has(at, 20)) {
      return;
    }
    var flags = new StringBuilder();
    for (int bit = 0; bit < TCP_FLAGS.length(); bit++) {
      if ((u8(at + 13) >> bit & 1) != 0) {
        flags.append(TCP_FLAGS.charAt(bit));
      }
    }
    layers.add("tcp " + be16(at) + " > " + be16(at + 2) + " [" + flags + "]");
  }

  private void icmp(String name, int request, int reply, int at) {
    if (!has(at, 8)) {
      return;
    }
    int type = u8(at);
    if (type == request || type == reply) {
      String what = type == request ? " echo request " : " echo reply ";
      layers.add(name + what + be16(at + 4) + " number " + be16(at + 6));
    } else {
      layers.add(name + " type " + type + " code " + u8(at + 1));
    }
  }
}
