package io.denim.linux.netlink;

/** Numbers of linux/if_link.h and linux/veth.h. */
final class LinkNumbers {
  static final int IFLA_ADDRESS = 1;
  static final int IFLA_IFNAME = 3;
  static final int IFLA_MTU = 4;
  static final int IFLA_LINK = 5;
  static final int IFLA_MASTER = 10;
  static final int IFLA_LINKINFO = 18;
  static final int IFLA_IFALIAS = 20;
  static final int IFLA_AF_SPEC = 26;
  static final int IFLA_GROUP = 27;
  static final int IFLA_NET_NS_FD = 28;
  static final int IFLA_CARRIER = 33;
  static final int IFLA_LINK_NETNSID = 37;

  static final int IFLA_INET_CONF = 1;

  static final int IFLA_INFO_KIND = 1;
  static final int IFLA_INFO_DATA = 2;
  static final int IFLA_INFO_SLAVE_KIND = 4;
  static final int IFLA_INFO_SLAVE_DATA = 5;

  static final int IFLA_VXLAN_ID = 1;
  static final int IFLA_VXLAN_LINK = 3;
  static final int IFLA_VXLAN_LOCAL = 4;
  static final int IFLA_VXLAN_LEARNING = 7;
  static final int IFLA_VXLAN_PORT = 15;
  static final int IFLA_VXLAN_LOCAL6 = 17;
  static final int IFLA_VXLAN_GBP = 23;

  static final int IFLA_TUN_VNET_HDR = 5;
  static final int IFLA_TUN_PERSIST = 6;
  static final int IFLA_TUN_MULTI_QUEUE = 7;

  static final int VETH_INFO_PEER = 1;
  static final int IFLA_BRPORT_MODE = 4;
  static final int IFLA_BRPORT_ISOLATED = 33;

  static final int IFF_UP = 1;
  static final int IFF_PROMISC = 0x100;

  private LinkNumbers() {}
}
