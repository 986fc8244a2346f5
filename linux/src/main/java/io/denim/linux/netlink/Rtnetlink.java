package io.denim.linux.netlink;

import io.denim.linux.LinuxException;
import io.denim.linux.ns.Namespace;
import io.denim.linux.ns.Sysctl;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The links, addresses, routes, neighbours, rules, nexthops and queueing disciplines of one network
 * namespace. Any thread may use it.
 *
 * <p>Lists are the kernel's own, read whole: one that changed while it was read is read again.
 */
public final class Rtnetlink implements AutoCloseable {
  private final NetlinkSocket socket;

  private Rtnetlink(NetlinkSocket socket) {
    this.socket = socket;
  }

  /** Opens a socket in the namespace, which may be closed afterwards. */
  public static Rtnetlink open(Namespace namespace) {
    return new Rtnetlink(NetlinkSocket.open(namespace, NetlinkSocket.NETLINK_ROUTE));
  }

  /**
   * Opens a socket for a few objects in the namespace after this has been done there, with one
   * change into the namespace for both, or with none where what is needed came with the namespace.
   */
  public static Rtnetlink open(Namespace namespace, Consumer<Sysctl.Session> first) {
    return Sysctl.of(namespace)
        .session(session -> {
          first.accept(session);
          return new Rtnetlink(
              NetlinkSocket.handed(namespace)
                  .orElseGet(() ->
                      NetlinkSocket.openHere(
                          NetlinkSocket.NETLINK_ROUTE, NetlinkSocket.Size.SMALL)));
        });
  }

  /** Opens a socket for a few objects in the namespace, which may be closed afterwards. */
  public static Rtnetlink openSmall(Namespace namespace) {
    return new Rtnetlink(
        NetlinkSocket.handed(namespace)
            .orElseGet(() ->
                namespace.call(() ->
                    NetlinkSocket.openHere(
                        NetlinkSocket.NETLINK_ROUTE, NetlinkSocket.Size.SMALL))));
  }

  /** Executes one request; throws {@link LinuxException} when the kernel refuses it. */
  public void execute(Request request) {
    socket.execute(request);
  }

  /** Executes requests in order and gives those that were refused. */
  public List<NetlinkSocket.Failure> executeAll(List<? extends Request> requests) {
    return socket.executeAll(requests);
  }

  /** The sender that notifications of this handle's changes name. */
  public int portId() {
    return socket.portId();
  }

  /** All links. */
  public List<Link> links() {
    return socket.dump(Links.dump(), Link.HEADER, message -> Optional.of(Link.decode(message)));
  }

  /** The link of this name. */
  public Optional<Link> link(String name) {
    return socket.query(Links.get(name), Link.HEADER).map(Link::decode);
  }

  /** The link of this index. */
  public Optional<Link> link(int index) {
    return socket.query(Links.get(index), Link.HEADER).map(Link::decode);
  }

  /** The addresses of all links. */
  public List<LinkAddress> addresses() {
    return socket.dump(LinkAddress.dump(), LinkAddress.HEADER, LinkAddress::decode);
  }

  /** The routes of one family in one table. */
  public List<Route> routes(Family family, int table) {
    return socket.dump(Route.dump(Nl.familyOf(family), table), Route.HEADER, Route::decode).stream()
        .filter(route -> route.table() == table)
        .toList();
  }

  /** The route that a packet of this node to the destination takes; empty when there is none. */
  public Optional<Route> lookup(IpAddress destination) {
    try {
      return socket.query(Route.lookup(destination), Route.HEADER).map(Route::decodeAny);
    } catch (LinuxException e) {
      if (e.errno() == io.denim.linux.Errno.ENETUNREACH) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** The neighbours on a link. */
  public List<Neighbour> neighbours(int ifindex) {
    return socket.dump(Neighbour.dump(ifindex), Neighbour.HEADER, Neighbour::decode).stream()
        .filter(neighbour -> neighbour.ifindex() == ifindex)
        .toList();
  }

  /** The forwarding entries of a vxlan device or bridge. */
  public List<FdbEntry> fdb(int ifindex) {
    return socket.dump(FdbEntry.dump(ifindex), Neighbour.HEADER, FdbEntry::decode).stream()
        .filter(entry -> entry.ifindex() == ifindex)
        .toList();
  }

  /** The rules of one family, by priority. */
  public List<Rule> rules(Family family) {
    return socket.dump(Rule.dump(family), Rule.HEADER, Rule::decode);
  }

  /** All nexthop objects. */
  public List<Nexthop> nexthops() {
    return socket.dump(Nexthop.dump(), Nexthop.HEADER, Nexthop::decode);
  }

  /** The queueing disciplines of a link, the kernel's defaults among them. */
  public List<Qdisc> qdiscs(int ifindex) {
    return socket.dump(Qdisc.dump(), Qdisc.HEADER, Qdisc::decode).stream()
        .filter(qdisc -> qdisc.ifindex() == ifindex)
        .toList();
  }

  /** Where packets that come in by a link are sent instead; empty without {@link Qdisc#ingress}. */
  public List<Redirect> redirects(int ifindex) {
    return socket.dump(Redirect.dump(ifindex), Qdisc.HEADER, Redirect::decode);
  }

  @Override
  public void close() {
    socket.close();
  }
}
