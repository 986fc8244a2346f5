package io.denim.linux.conntrack;

import io.denim.linux.Errno;
import io.denim.linux.LinuxException;
import io.denim.linux.netlink.MessageWriter;
import io.denim.linux.netlink.NetlinkSocket;
import io.denim.linux.netlink.Request;
import io.denim.linux.ns.Namespace;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The table of connections of one network namespace. Any thread may use it. */
public final class Conntrack implements AutoCloseable {
  /** linux/netfilter/nfnetlink.h and nfnetlink_conntrack.h. */
  private static final int NFNL_SUBSYS_CTNETLINK = 1;

  private static final int IPCTNL_MSG_CT_GET = 1;
  private static final int IPCTNL_MSG_CT_DELETE = 2;
  private static final int CTA_FILTER = 25;
  private static final int CTA_FILTER_ORIG_FLAGS = 1;

  /** net/netfilter/nf_conntrack_netlink.c: the filter looks at the protocol. */
  private static final int CTA_FILTER_F_CTA_PROTO_NUM = 1 << 3;

  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int NFGENMSG = 4;

  private final NetlinkSocket socket;

  private Conntrack(NetlinkSocket socket) {
    this.socket = socket;
  }

  /** Opens a socket in the namespace, which may be closed afterwards. */
  public static Conntrack open(Namespace namespace) {
    return new Conntrack(NetlinkSocket.open(namespace, NetlinkSocket.NETLINK_NETFILTER));
  }

  /**
   * Where packets of a flow were sent to at first.
   *
   * @param address empty for any address
   * @param port the destination port
   */
  public record Target(Optional<IpAddress> address, int port) {
    boolean names(Tuple tuple) {
      return tuple.destinationPort() == port
          && (address.isEmpty() || address.get().equals(tuple.destination()));
    }
  }

  /** The entries of a family and of a protocol such as {@link Tuple#UDP}, none unless tracked. */
  public List<Flow> flows(Family family, int protocol) {
    // The kernel filters since 5.8; older ones give all.
    return socket
        .dump(
            request(
                IPCTNL_MSG_CT_GET,
                family,
                writer -> {
                  Tuple.encodeProtocol(Flow.CTA_TUPLE_ORIG, protocol, writer);
                  int filter = writer.nest(CTA_FILTER);
                  writer.attrU32(CTA_FILTER_ORIG_FLAGS, CTA_FILTER_F_CTA_PROTO_NUM);
                  writer.endNest(filter);
                },
                "list connections of protocol " + protocol),
            NFGENMSG,
            Flow::decode)
        .stream()
        .filter(flow -> flow.original().protocol() == protocol)
        .toList();
  }

  /**
   * Deletes the UDP entries of a family that were sent to one of these at first, so that the next
   * packet meets the rules again. For ports that are published, or no more.
   *
   * @return how many
   */
  public int deleteUdp(Family family, Collection<Target> targets) {
    return targets.isEmpty()
        ? 0
        : delete(
            family, flow -> targets.stream().anyMatch(target -> target.names(flow.original())));
  }

  /**
   * Deletes the UDP entries that this address answers, whatever they were sent to at first. For a
   * pod that is gone.
   *
   * @return how many
   */
  public int deleteUdpAnsweredBy(IpAddress address) {
    return delete(address.family(), flow -> flow.reply().source().equals(address));
  }

  private int delete(Family family, Predicate<Flow> which) {
    List<Request> requests =
        flows(family, Tuple.UDP).stream().filter(which).map(Conntrack::deletion).toList();
    List<LinuxException> failures =
        socket.executeAll(requests).stream()
            .map(NetlinkSocket.Failure::error)
            .filter(error -> error.errno() != Errno.ENOENT)
            .toList();
    if (!failures.isEmpty()) {
      throw failures.getFirst();
    }
    return requests.size();
  }

  private static Request deletion(Flow flow) {
    return request(
        IPCTNL_MSG_CT_DELETE,
        flow.original().source().family(),
        flow::encodeName,
        "delete the connection of " + flow.original());
  }

  private static Request request(
      int operation, Family family, Consumer<MessageWriter> attributes, String words) {
    int number =
        switch (family) {
          case IPV4 -> AF_INET;
          case IPV6 -> AF_INET6;
        };
    return Request.of(
        NFNL_SUBSYS_CTNETLINK << 8 | operation,
        0,
        writer -> {
          writer.u8(number).u8(0).be16(0);
          attributes.accept(writer);
        },
        words);
  }

  @Override
  public void close() {
    socket.close();
  }
}
