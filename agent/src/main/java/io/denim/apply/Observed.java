package io.denim.apply;

import io.denim.linux.netlink.FdbEntry;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.Neighbour;
import io.denim.linux.netlink.Nexthop;
import io.denim.linux.netlink.Route;
import io.denim.linux.nft.TableState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the kernel has, as far as Denim looks.
 *
 * @param links all links
 * @param addresses all addresses
 * @param routes the main table's routes of both families
 * @param nexthops all nexthop objects
 * @param neighbours the neighbours on Denim's vxlan devices
 * @param forwarding the forwarding entries of Denim's vxlan devices
 * @param table Denim's nftables table
 * @param sysctls the parameters that are wanted, as far as they exist, by path
 */
public record Observed(
    List<Link> links,
    List<LinkAddress> addresses,
    List<Route> routes,
    List<Nexthop> nexthops,
    List<Neighbour> neighbours,
    List<FdbEntry> forwarding,
    Optional<TableState> table,
    Map<String, String> sysctls) {
  /** A kernel that has nothing. */
  public static final Observed NOTHING =
      new Observed(
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          Optional.empty(),
          Map.of());

  /** The parts that are read on their own. */
  public enum Part {
    /** Links. */
    LINKS,
    /** Addresses. */
    ADDRESSES,
    /** Routes. */
    ROUTES,
    /** Nexthop objects. */
    NEXTHOPS,
    /** Neighbours. */
    NEIGHBOURS,
    /** Forwarding entries. */
    FORWARDING,
    /** Denim's nftables table. */
    TABLE,
    /** Kernel parameters. */
    SYSCTLS
  }

  /** This without those of these parts that there are many of. */
  Observed without(Set<Part> parts) {
    return new Observed(
        links,
        addresses,
        parts.contains(Part.ROUTES) ? List.of() : routes,
        parts.contains(Part.NEXTHOPS) ? List.of() : nexthops,
        parts.contains(Part.NEIGHBOURS) ? List.of() : neighbours,
        parts.contains(Part.FORWARDING) ? List.of() : forwarding,
        table,
        sysctls);
  }

  /** The link of this name. */
  Optional<Link> link(String name) {
    return links.stream().filter(link -> link.name().equals(name)).findFirst();
  }
}
