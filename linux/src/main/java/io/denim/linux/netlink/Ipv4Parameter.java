package io.denim.linux.netlink;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What IPv4 does on a link: IPV4_DEVCONF_* of linux/ip.h, as far as Denim sets it. */
public enum Ipv4Parameter {
  /** Whether packets that come in by the link are forwarded. */
  FORWARDING(1),
  /** How packets are treated whose source is not reached by the link: 0 let in, 1 strictly, 2. */
  RP_FILTER(8),
  /** Whether neighbours are told of the addresses when the link goes up. */
  ARP_NOTIFY(22),
  /** Whether 127.0.0.0/8 is routed like others. */
  ROUTE_LOCALNET(26);

  private final int number;

  Ipv4Parameter(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  /** Its file's name in a link's folder of /proc/sys/net/ipv4/conf. */
  public String fileName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The parameter whose file has this name. */
  public static Optional<Ipv4Parameter> named(String fileName) {
    return Arrays.stream(values()).filter(each -> each.fileName().equals(fileName)).findFirst();
  }
}
