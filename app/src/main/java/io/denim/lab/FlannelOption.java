package io.denim.lab;

/**
 * A key of the Backend object of flannel's net-conf.json with its value.
 *
 * @param key as in the file
 * @param value a Boolean, an Integer or a String
 */
public record FlannelOption(String key, Object value) {
  /** Nodes of the same subnet are reached by a plain route. */
  public static final FlannelOption DIRECT_ROUTING = new FlannelOption("DirectRouting", true);

  /** The VXLAN network identifier, which also names the device. */
  public static FlannelOption vni(int vni) {
    return new FlannelOption("VNI", vni);
  }

  /** The UDP port of the encapsulation. */
  public static FlannelOption port(int port) {
    return new FlannelOption("Port", port);
  }

  /** The outer MTU: the pods' one is smaller by the encapsulation. */
  public static FlannelOption mtu(int mtu) {
    return new FlannelOption("MTU", mtu);
  }
}
