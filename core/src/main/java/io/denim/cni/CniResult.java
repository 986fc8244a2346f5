package io.denim.cni;

import io.denim.net.Cidr;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/**
 * What an attachment has become: the answer to ADD, and {@code prevResult} of what follows.
 *
 * @param interfaces the interfaces that were made, on the node and in the container
 * @param ips the addresses
 * @param routes the container's routes
 * @param dns for the container's resolver
 */
public record CniResult(List<Interface> interfaces, List<Ip> ips, List<Route> routes, Dns dns) {
  /** Nothing was made. */
  public static final CniResult EMPTY = new CniResult(List.of(), List.of(), List.of(), Dns.NONE);

  /** Copies the lists. */
  public CniResult {
    interfaces = List.copyOf(interfaces);
    ips = List.copyOf(ips);
    routes = List.copyOf(routes);
  }

  /**
   * An interface.
   *
   * @param name its name where it is
   * @param mac its hardware address; empty when it has none or it is not known
   * @param mtu its MTU in octets; 0 when not known
   * @param sandbox the path of the network namespace it is in; empty on the node
   * @param socketPath a vhost-user socket of another plugin's interface; empty when there is none
   * @param pciId the PCI address of another plugin's interface; empty when there is none
   */
  public record Interface(
      String name, String mac, int mtu, String sandbox, String socketPath, String pciId) {
    /** Checks the MTU. */
    public Interface {
      if (mtu < 0) {
        throw new IllegalArgumentException("an MTU is not negative, got " + mtu);
      }
    }

    /** An interface of the kernel. */
    public Interface(String name, String mac, int mtu, String sandbox) {
      this(name, mac, mtu, sandbox, "", "");
    }
  }

  /**
   * An address.
   *
   * @param interfaceIndex the place of its interface in the list, from 0; empty when not told.
   *     Other plugins have been seen to name places that are not there: {@link
   *     CniResult#interfaceOf} looks
   * @param address the address with the length of its subnet
   * @param gateway the gateway of the subnet
   */
  public record Ip(
      OptionalInt interfaceIndex, InterfaceAddress address, Optional<IpAddress> gateway) {}

  /**
   * A route of the container. Of the numbers, 0 for MTU, MSS and priority is the same as none.
   *
   * @param dst the destination
   * @param gateway the next hop; when empty, the one of the address of the same family
   * @param mtu the MTU along the route in octets
   * @param advmss the TCP segment size to announce in octets
   * @param priority the metric
   * @param table the routing table
   * @param scope the scope, RT_SCOPE_ of linux/rtnetlink.h
   */
  public record Route(
      Cidr dst,
      Optional<IpAddress> gateway,
      OptionalInt mtu,
      OptionalInt advmss,
      OptionalInt priority,
      OptionalInt table,
      OptionalInt scope) {
    /** Replaces 0 by none. */
    public Route {
      mtu = positive(mtu);
      advmss = positive(advmss);
      priority = positive(priority);
    }

    /** A route that says no more than where to. */
    public Route(Cidr dst, Optional<IpAddress> gateway) {
      this(
          dst,
          gateway,
          OptionalInt.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          OptionalInt.empty());
    }

    private static OptionalInt positive(OptionalInt number) {
      return number.orElse(0) == 0 ? OptionalInt.empty() : number;
    }
  }

  /** The interface of an address; empty when it is not told or there is none at its place. */
  public Optional<Interface> interfaceOf(Ip ip) {
    int index = ip.interfaceIndex().orElse(-1);
    return index >= 0 && index < interfaces.size()
        ? Optional.of(interfaces.get(index))
        : Optional.empty();
  }

  /**
   * The JSON of a version. What it has no key for is left out: all but the first address of a
   * family before 0.3.0, MTUs and the numbers of routes before 1.1.0.
   *
   * @throws CniException with code 1 when there is no address, which the versions before 0.3.0
   *     cannot say
   */
  public String format(CniVersion version) {
    return ResultWriter.write(this, version);
  }

  /**
   * Reads a result.
   *
   * @param version its version, unless it says another itself
   * @throws CniException with code 7 for a wrong value, 1 for an unknown version
   */
  public static CniResult parse(JsonNode result, CniVersion version) {
    return ResultReader.read(new Value("result", result).object(), version);
  }

  /**
   * Reads a result.
   *
   * @param version its version, unless it says another itself
   * @throws CniException with code 6 for what is no JSON, 7 for a wrong value, 1 for an unknown
   *     version
   */
  public static CniResult parse(String json, CniVersion version) {
    return ResultReader.read(Keys.document("the result", json), version);
  }
}
