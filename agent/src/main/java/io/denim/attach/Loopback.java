package io.denim.attach;

import io.denim.cni.Call;
import io.denim.cni.CniResult;
import io.denim.cni.Dns;
import io.denim.cni.LoopbackPlugin;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** A container's loopback device, which the kernel makes and gives its addresses. */
final class Loopback {
  private static final int INDEX = 1;

  private Loopback() {}

  static CniResult up(LoopbackPlugin config, Call call, Namespace container) {
    try (Rtnetlink inside = Rtnetlink.open(container)) {
      inside.execute(Links.up(INDEX));
      if (config.previous().isPresent()) {
        return config.previous().get();
      }
      List<CniResult.Ip> ips =
          inside.addresses().stream()
              .filter(address -> address.ifindex() == INDEX)
              .map(LinkAddress::address)
              .map(address -> new CniResult.Ip(OptionalInt.of(0), address, Optional.empty()))
              .toList();
      return new CniResult(
          List.of(new CniResult.Interface("lo", "00:00:00:00:00:00", 0, call.netns())),
          ips,
          List.of(),
          Dns.NONE);
    }
  }

  static List<String> altered(Namespace container) {
    try (Rtnetlink inside = Rtnetlink.open(container)) {
      return inside.link(INDEX).filter(Link::up).isPresent()
          ? List.of()
          : List.of("the loopback device is down");
    }
  }

  static void down(Namespace container) {
    try (Rtnetlink inside = Rtnetlink.open(container)) {
      inside.execute(Links.down(INDEX));
    }
  }
}
