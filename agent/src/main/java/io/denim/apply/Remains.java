package io.denim.apply;

import io.denim.linux.Errno;
import io.denim.linux.LinuxException;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.NetlinkSocket;
import io.denim.linux.netlink.Nexthop;
import io.denim.linux.netlink.Request;
import io.denim.linux.netlink.Route;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.nft.Nftables;
import io.denim.linux.nft.TableState;
import io.denim.linux.ns.Namespace;
import io.denim.net.Family;
import io.denim.plan.Devices;
import io.denim.state.PodPorts;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What agents have left in the kernel of a namespace, to be taken away for good. An agent itself
 * never does that: pods keep their network while it is away.
 */
public final class Remains implements AutoCloseable {
  /** The node's rules, and the pods'. */
  private static final List<String> TABLES = List.of(Rules.TABLE, Rules.TABLE + "_pods");

  /** What the kernel says of a route whose nexthop is gone, and so the route too. */
  private static final String NEXTHOP_GONE = "Nexthop id does not exist";

  private final Rtnetlink rtnetlink;
  private final Nftables nftables;

  private Remains(Rtnetlink rtnetlink, Nftables nftables) {
    this.rtnetlink = rtnetlink;
    this.nftables = nftables;
  }

  /** Opens sockets in the namespace, which may be closed afterwards. */
  public static Remains open(Namespace namespace) {
    return new Remains(Rtnetlink.open(namespace), Nftables.open(namespace));
  }

  /** Something that is there. */
  public sealed interface Remain {
    /** In words: {@code bridge cni0}. */
    String describe();

    /** Requests that take it away. */
    record Objects(String describe, List<Request> requests) implements Remain {
      /** Copies the list. */
      public Objects {
        requests = List.copyOf(requests);
      }
    }

    /** A table of rules. */
    record Table(String describe, TableState.Family family, String name) implements Remain {}
  }

  /** What there is, in the order in which it is to go. */
  public List<Remain> list() {
    List<Remain> all = new ArrayList<>();
    List<Link> links = rtnetlink.links();
    several(
        "routes of protocol " + Ownership.ROUTE_PROTOCOL,
        Stream.of(Family.values())
            .flatMap(family -> rtnetlink.routes(family, Route.RT_TABLE_MAIN).stream())
            .filter(route -> route.protocol() == Ownership.ROUTE_PROTOCOL)
            .map(Route::delete)
            .toList(),
        all);
    several(
        "nexthops of protocol " + Ownership.ROUTE_PROTOCOL,
        rtnetlink.nexthops().stream()
            .filter(nexthop -> nexthop.protocol() == Ownership.ROUTE_PROTOCOL)
            .map(nexthop -> Nexthop.delete(nexthop.id()))
            .toList(),
        all);
    ports(links, all);
    for (Link link : links) {
      boolean tunnel = link.kind() instanceof LinkKind.Vxlan && Devices.isVxlanName(link.name());
      boolean bridge = link.kind() instanceof LinkKind.Bridge && link.name().equals(Devices.BRIDGE);
      if (tunnel || bridge) {
        all.add(
            new Remain.Objects(
                link.kind().kernelName() + " " + link.name(), List.of(Links.delete(link.index()))));
      }
    }
    for (TableState.Family family : TableState.Family.values()) {
      for (String table : TABLES) {
        if (nftables.read(family, table).isPresent()) {
          String words = "table " + family.name().toLowerCase(Locale.ROOT) + " " + table;
          all.add(new Remain.Table(words, family, table));
        }
      }
    }
    return all;
  }

  private static void ports(List<Link> links, List<Remain> all) {
    long count = links.stream().filter(link -> PodPorts.ALL.contains(link.group())).count();
    if (count > 0) {
      // Each group together, since each deletion makes the kernel wait.
      all.add(
          new Remain.Objects(
              count + " devices of pods",
              PodPorts.ALL.stream().sorted().map(Links::deleteGroup).toList()));
    }
  }

  private static void several(String words, List<Request> requests, List<Remain> all) {
    if (!requests.isEmpty()) {
      all.add(new Remain.Objects(requests.size() + " " + words, requests));
    }
  }

  /**
   * Takes one away; what is gone already is no failure.
   *
   * @return why it could not, empty when it is gone
   */
  public Optional<String> remove(Remain remain) {
    try {
      return switch (remain) {
        case Remain.Objects(_, List<Request> requests) ->
            rtnetlink.executeAll(requests).stream()
                .map(NetlinkSocket.Failure::error)
                .filter(error -> !isGone(error))
                .map(LinuxException::getMessage)
                .findFirst();
        case Remain.Table(_, TableState.Family family, String name) -> {
          nftables.delete(family, name);
          yield Optional.empty();
        }
      };
    } catch (LinuxException e) {
      return isGone(e) ? Optional.empty() : Optional.ofNullable(e.getMessage());
    }
  }

  private static boolean isGone(LinuxException error) {
    return error.errno() == Errno.ENOENT
        || error.errno() == Errno.ESRCH
        || error.errno() == Errno.ENODEV
        || error.kernelText().filter(NEXTHOP_GONE::equals).isPresent();
  }

  @Override
  public void close() {
    nftables.close();
    rtnetlink.close();
  }
}
