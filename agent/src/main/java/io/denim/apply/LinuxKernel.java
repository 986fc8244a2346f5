package io.denim.apply;

import io.denim.apply.Observed.Part;
import io.denim.linux.Errno;
import io.denim.linux.LinuxException;
import io.denim.linux.netlink.FdbEntry;
import io.denim.linux.netlink.Ipv4Parameter;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Neighbour;
import io.denim.linux.netlink.NetlinkSocket;
import io.denim.linux.netlink.Request;
import io.denim.linux.netlink.Route;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.nft.Nftables;
import io.denim.linux.nft.TableState;
import io.denim.linux.ns.Namespace;
import io.denim.linux.ns.Sysctl;
import io.denim.net.Family;
import io.denim.plan.Desired;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The kernel of one network namespace. */
public final class LinuxKernel implements Kernel, AutoCloseable {
  private final Rtnetlink rtnetlink;
  private final Nftables nftables;
  private final Sysctl sysctl;

  /**
   * Opens sockets in the namespace, which must stay open.
   *
   * @param sysctl its parameters
   */
  public LinuxKernel(Namespace namespace, Sysctl sysctl) {
    rtnetlink = Rtnetlink.open(namespace);
    nftables = Nftables.open(namespace);
    this.sysctl = sysctl;
  }

  /** Links, addresses and routes, for those who need more than the reconciler. */
  public Rtnetlink rtnetlink() {
    return rtnetlink;
  }

  /** Whether a notification's sender is one of this kernel's own sockets. */
  public boolean isOwn(int sender) {
    return sender == rtnetlink.portId() || sender == nftables.portId();
  }

  /**
   * The chains of others at the forward hook that drop what no rule lets through, which no rule of
   * ours can overrule.
   */
  public List<String> droppingForwardChains() {
    List<String> names = new ArrayList<>();
    for (TableState.Family family : TableState.Family.values()) {
      for (Nftables.FoundChain chain : nftables.allChains(family)) {
        chain
            .hook()
            .filter(hook -> hook.point() == TableState.Point.FORWARD && !hook.accept())
            .ifPresent(_ -> names.add(chain.table() + " " + chain.name()));
      }
    }
    return names;
  }

  @Override
  public Observed read(Set<Part> parts, Observed before, Desired desired) {
    List<Link> links = parts.contains(Part.LINKS) ? rtnetlink.links() : before.links();
    List<Link> tunnels =
        links.stream()
            .filter(link -> link.kind() instanceof LinkKind.Vxlan)
            .filter(link -> desired.device(link.name()).isPresent())
            .toList();
    return new Observed(
        links,
        parts.contains(Part.ADDRESSES) ? rtnetlink.addresses() : before.addresses(),
        parts.contains(Part.ROUTES) ? routes() : before.routes(),
        parts.contains(Part.NEXTHOPS) ? rtnetlink.nexthops() : before.nexthops(),
        parts.contains(Part.NEIGHBOURS) ? neighbours(tunnels) : before.neighbours(),
        parts.contains(Part.FORWARDING) ? forwarding(tunnels) : before.forwarding(),
        parts.contains(Part.TABLE)
            ? nftables.read(TableState.Family.INET, Rules.TABLE)
            : before.table(),
        parts.contains(Part.SYSCTLS) ? sysctls(desired) : before.sysctls());
  }

  private List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    for (Family family : Family.values()) {
      routes.addAll(rtnetlink.routes(family, Route.RT_TABLE_MAIN));
    }
    return routes;
  }

  private List<Neighbour> neighbours(List<Link> tunnels) {
    return tunnels.stream().flatMap(link -> rtnetlink.neighbours(link.index()).stream()).toList();
  }

  private List<FdbEntry> forwarding(List<Link> tunnels) {
    return tunnels.stream().flatMap(link -> rtnetlink.fdb(link.index()).stream()).toList();
  }

  private Map<String, String> sysctls(Desired desired) {
    return sysctl.session(session -> {
      Map<String, String> values = new HashMap<>();
      session
          .read("net/ipv4/conf/all/rp_filter")
          .ifPresent(value -> values.put("net/ipv4/conf/all/rp_filter", value));
      for (Desired.SysctlRule rule : desired.sysctls()) {
        session.read(rule.path()).ifPresent(value -> values.put(rule.path(), value));
      }
      return values;
    });
  }

  @Override
  public List<Failed> apply(List<Step> steps) {
    List<Failed> failed = new ArrayList<>();
    List<Step.Netlink> pending = new ArrayList<>();
    for (Step step : steps) {
      switch (step) {
        case Step.Netlink netlink -> pending.add(netlink);
        case Step.Table(TableState table, boolean absent) -> {
          flush(pending, failed);
          attempt(
              step, absent ? () -> nftables.create(table) : () -> nftables.replace(table), failed);
        }
        case Step.Sysctl(String path, String value) -> {
          flush(pending, failed);
          set(step, path, value, failed);
        }
      }
    }
    flush(pending, failed);
    return failed;
  }

  private static void attempt(Step step, Runnable action, List<Failed> failed) {
    try {
      action.run();
    } catch (LinuxException e) {
      failed.add(new Failed(step, message(e)));
    }
  }

  /** Where /proc/sys is only to be read, IPv4's parameters of a link are set by netlink. */
  private void set(Step step, String path, String value, List<Failed> failed) {
    try {
      sysctl.write(path, value);
    } catch (LinuxException e) {
      if (!Sysctl.isRefusal(e.errno()) || !setByNetlink(path, value)) {
        failed.add(deferrable(step, e));
      }
    }
  }

  private Failed deferrable(Step step, LinuxException e) {
    return Sysctl.isRefusal(e.errno()) && sysctl.awaitsStandIn()
        ? new Failed(
            step,
            step.describe()
                + ": not possible from within this container; it is done when the first pod comes,"
                + " whose plugin hands over the node's /proc/sys/net",
            true)
        : new Failed(step, message(e));
  }

  private boolean setByNetlink(String path, String value) {
    String[] names = path.split("/", -1);
    if (names.length != 5 || !path.startsWith("net/ipv4/conf/")) {
      return false;
    }
    Optional<Ipv4Parameter> parameter = Ipv4Parameter.named(names[4]);
    Optional<Link> link = rtnetlink.link(names[3]);
    if (parameter.isEmpty() || link.isEmpty()) {
      return false;
    }
    try {
      rtnetlink.execute(Links.ipv4(link.get().index(), parameter.get(), Integer.parseInt(value)));
      return true;
    } catch (LinuxException e) {
      return false;
    }
  }

  private void flush(List<Step.Netlink> pending, List<Failed> failed) {
    if (pending.isEmpty()) {
      return;
    }
    List<Request> requests = pending.stream().map(Step.Netlink::request).toList();
    try {
      for (NetlinkSocket.Failure failure : rtnetlink.executeAll(requests)) {
        Step.Netlink step = pending.get(failure.index());
        if (!(step.absence() && isGone(failure.error().errno()))) {
          failed.add(new Failed(step, message(failure.error())));
        }
      }
    } catch (LinuxException e) {
      // The answers were lost: which of them failed is seen when the kernel is read again.
      failed.add(new Failed(pending.getFirst(), message(e)));
    }
    pending.clear();
  }

  private static String message(LinuxException e) {
    return Optional.ofNullable(e.getMessage()).orElse(e.errnoName());
  }

  private static boolean isGone(int errno) {
    return errno == Errno.ENOENT
        || errno == Errno.ESRCH
        || errno == Errno.ENODEV
        || errno == Errno.EADDRNOTAVAIL;
  }

  @Override
  public void close() {
    nftables.close();
    rtnetlink.close();
  }
}
