package io.denim.linux.netlink;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.denim.linux.Errno;
import io.denim.linux.Libc;
import io.denim.linux.LinuxException;
import io.denim.linux.ns.Namespace;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Hears what changes in any number of namespaces, by one thread that waits in poll(2). Listeners
 * are called on that thread and must be quick. A notification is a hint: it may be lost, of which
 * {@link Change.Overrun} tells, and some changes are never told (a link that goes down takes its
 * routes along in silence), so a listener reads again what it cares for.
 */
public final class NetlinkMonitor implements AutoCloseable {
  private static final int SOCK_RAW_CLOEXEC_NONBLOCK = 3 | 0x80000 | 0x800;
  private static final int SOL_NETLINK = 270;
  private static final int NETLINK_ADD_MEMBERSHIP = 1;
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVBUF = 8;
  private static final int SO_RCVBUFFORCE = 33;
  private static final int DEFAULT_BUFFER = 4 << 20;
  private static final int POLLFD = 8;

  private final Arena arena = Arena.ofShared();
  private final Libc.CallState pollState = new Libc.CallState(arena);
  private final MemorySegment buffer = arena.allocate(64 * 1024);
  private final byte[] received = new byte[64 * 1024];
  private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();

  /** Descriptors of ended subscriptions, which only the thread may close: it may be inside poll. */
  private final Queue<Integer> ended = new ConcurrentLinkedQueue<>();

  private final int wake;
  private final Thread thread;
  private volatile boolean closed;

  /** Starts the thread. */
  public NetlinkMonitor() {
    wake = check("make an eventfd", Libc.eventfd(pollState, 0, 0x80000 | 0x800));
    thread = Thread.ofPlatform().name("netlink-monitor").daemon().start(this::loop);
  }

  /** What can be listened to. */
  public enum Topic {
    /** Links. */
    LINK(NetlinkSocket.NETLINK_ROUTE, 1),
    /** Addresses. */
    ADDRESS(NetlinkSocket.NETLINK_ROUTE, 5, 9),
    /** Routes. */
    ROUTE(NetlinkSocket.NETLINK_ROUTE, 7, 11),
    /** Neighbours and forwarding entries. */
    NEIGHBOUR(NetlinkSocket.NETLINK_ROUTE, 3),
    /** Rules. */
    RULE(NetlinkSocket.NETLINK_ROUTE, 8, 19),
    /** Nexthop objects. */
    NEXTHOP(NetlinkSocket.NETLINK_ROUTE, 32),
    /** All of nftables. */
    NFTABLES(NetlinkSocket.NETLINK_NETFILTER, 7);

    private final int protocol;

    @SuppressWarnings("ImmutableEnumChecker") // It is made by List.of.
    private final List<Integer> groups;

    Topic(int protocol, Integer... groups) {
      this.protocol = protocol;
      this.groups = List.of(groups);
    }

    private static Topic of(int protocol, int type) {
      if (protocol == NetlinkSocket.NETLINK_NETFILTER) {
        return NFTABLES;
      }
      return switch (type) {
        case Nl.RTM_NEWLINK, Nl.RTM_DELLINK -> LINK;
        case Nl.RTM_NEWADDR, Nl.RTM_DELADDR -> ADDRESS;
        case Nl.RTM_NEWROUTE, Nl.RTM_DELROUTE -> ROUTE;
        case Nl.RTM_NEWNEIGH, Nl.RTM_DELNEIGH -> NEIGHBOUR;
        case Nl.RTM_NEWRULE, Nl.RTM_DELRULE -> RULE;
        default -> NEXTHOP;
      };
    }
  }

  /** What was heard. */
  public sealed interface Change {
    /**
     * Something of this topic changed.
     *
     * @param topic what kind of thing
     * @param sender the port of the socket that caused it, 0 for the kernel itself
     * @param ifindex the link concerned, 0 where it is not told
     */
    record Changed(Topic topic, int sender, int ifindex) implements Change {}

    /**
     * A link was made, changed or deleted.
     *
     * @param sender as of {@link Changed}
     * @param ifindex its number
     * @param group its group, empty where it is not told: a bridge tells of its ports without
     * @param master the bridge that it is a port of, 0 for none
     * @param deleted whether it is gone
     */
    record LinkChanged(int sender, int ifindex, OptionalInt group, int master, boolean deleted)
        implements Change {}

    /**
     * A forwarding entry was made, changed or deleted. A vxlan device tells of its own with sender
     * 0, whoever the sender was (vxlan_fdb_notify).
     *
     * @param sender as of {@link Changed}
     * @param ifindex the link whose entry it is
     * @param mac the hardware address that frames are for
     * @param remote the underlay address that they are sent to, empty on bridges
     * @param deleted whether it is gone
     */
    record ForwardingChanged(
        int sender, int ifindex, MacAddress mac, Optional<IpAddress> remote, boolean deleted)
        implements Change {}

    /**
     * A neighbour was made, changed or deleted. Deletions are told with sender 0, whoever the
     * sender was (neigh_cleanup_and_release).
     *
     * @param sender as of {@link Changed}
     * @param ifindex the link that it is a neighbour on
     * @param address its address
     * @param mac its hardware address, empty where it is not known
     * @param deleted whether it is gone
     */
    record NeighbourChanged(
        int sender, int ifindex, IpAddress address, Optional<MacAddress> mac, boolean deleted)
        implements Change {}

    /** Notifications were lost; everything of these topics must be read again. */
    record Overrun(Set<Topic> topics) implements Change {}
  }

  /** A listener's hold on its notifications; closing it ends them. */
  public final class Subscription implements AutoCloseable {
    private final int fd;
    private final int protocol;
    private final Set<Topic> topics;
    private final Consumer<Change> listener;

    private Subscription(int fd, int protocol, Set<Topic> topics, Consumer<Change> listener) {
      this.fd = fd;
      this.protocol = protocol;
      this.topics = Set.copyOf(topics);
      this.listener = listener;
    }

    @Override
    public void close() {
      if (subscriptions.remove(this)) {
        ended.add(fd);
        wakeUp();
      }
    }
  }

  /** Subscribes to topics of one namespace. */
  public List<Subscription> subscribe(
      Namespace namespace, Set<Topic> topics, Consumer<Change> listener) {
    return subscribe(namespace, topics, listener, DEFAULT_BUFFER);
  }

  /** As above, with a receive buffer of this many octets. */
  List<Subscription> subscribe(
      Namespace namespace, Set<Topic> topics, Consumer<Change> listener, int bufferSize) {
    if (closed) {
      throw new IllegalStateException("cannot subscribe to " + topics + ": the monitor is closed");
    }
    List<Subscription> made = new ArrayList<>();
    for (int protocol : new int[] {NetlinkSocket.NETLINK_ROUTE, NetlinkSocket.NETLINK_NETFILTER}) {
      Set<Topic> part = EnumSet.noneOf(Topic.class);
      topics.stream().filter(topic -> topic.protocol == protocol).forEach(part::add);
      if (!part.isEmpty()) {
        int fd = namespace.call(() -> openSocket(protocol, part, bufferSize));
        made.add(new Subscription(fd, protocol, part, listener));
      }
    }
    subscriptions.addAll(made);
    wakeUp();
    return made;
  }

  private static int openSocket(int protocol, Set<Topic> topics, int bufferSize) {
    try (Arena own = Arena.ofConfined()) {
      var state = new Libc.CallState(own);
      int fd = Libc.socket(state, Nl.AF_NETLINK, SOCK_RAW_CLOEXEC_NONBLOCK, protocol);
      check("open a netlink socket", fd);
      if (Libc.setsockopt(state, fd, SOL_SOCKET, SO_RCVBUFFORCE, bufferSize) < 0) {
        Libc.setsockopt(state, fd, SOL_SOCKET, SO_RCVBUF, bufferSize);
      }
      MemorySegment address = own.allocate(12, 4);
      address.set(JAVA_SHORT, 0, (short) Nl.AF_NETLINK);
      check("bind a netlink socket", Libc.bind(state, fd, address));
      for (Topic topic : topics) {
        for (int group : topic.groups) {
          check(
              "join netlink group " + group,
              Libc.setsockopt(state, fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group));
        }
      }
      return fd;
    }
  }

  private static int check(String operation, int result) {
    if (result < 0) {
      throw new LinuxException(operation, -result);
    }
    return result;
  }

  private void wakeUp() {
    try (Arena own = Arena.ofConfined()) {
      Libc.write(new Libc.CallState(own), wake, own.allocateFrom(ValueLayout.JAVA_LONG, 1L));
    }
  }

  private void loop() {
    MemorySegment pollfds = arena.allocate(POLLFD, 4);
    while (!closed) {
      closeEnded();
      List<Subscription> current = List.copyOf(subscriptions);
      long needed = (long) POLLFD * (current.size() + 1);
      if (pollfds.byteSize() < needed) {
        pollfds = arena.allocate(needed * 2, 4);
      }
      set(pollfds, 0, wake);
      for (int i = 0; i < current.size(); i++) {
        set(pollfds, i + 1, current.get(i).fd);
      }
      int ready = Libc.poll(pollState, pollfds, current.size() + 1L, -1);
      if (ready <= 0) {
        continue;
      }
      if (revents(pollfds, 0) != 0) {
        Libc.read(pollState, wake, buffer.asSlice(0, 8));
      }
      for (int i = 0; i < current.size(); i++) {
        Subscription subscription = current.get(i);
        if (revents(pollfds, i + 1) != 0 && subscriptions.contains(subscription)) {
          drain(subscription);
        }
      }
    }
    subscriptions.forEach(Subscription::close);
    closeEnded();
  }

  private void closeEnded() {
    for (Integer fd = ended.poll(); fd != null; fd = ended.poll()) {
      Libc.close(pollState, fd);
    }
  }

  private static void set(MemorySegment pollfds, int index, int fd) {
    pollfds.set(JAVA_INT, (long) POLLFD * index, fd);
    pollfds.set(JAVA_SHORT, (long) POLLFD * index + 4, (short) Libc.POLLIN);
    pollfds.set(JAVA_SHORT, (long) POLLFD * index + 6, (short) 0);
  }

  private static short revents(MemorySegment pollfds, int index) {
    return pollfds.get(JAVA_SHORT, (long) POLLFD * index + 6);
  }

  private void drain(Subscription subscription) {
    boolean overrun = false;
    while (true) {
      long count = Libc.recv(pollState, subscription.fd, buffer, 0);
      if (count == -Errno.ENOBUFS) {
        overrun = true;
      } else if (count <= 0 && count != -Errno.EINTR) {
        break;
      } else if (count > 0 && !overrun) {
        MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, received, 0, (int) count);
        parse(subscription, (int) count);
      }
    }
    if (overrun) {
      tell(subscription, new Change.Overrun(subscription.topics));
    }
  }

  /** What a listener throws is its own fault, told as uncaught; the others go on hearing. */
  private void tell(Subscription subscription, Change change) {
    try {
      subscription.listener.accept(change);
    } catch (RuntimeException e) {
      thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
    }
  }

  private void parse(Subscription subscription, int size) {
    int at = 0;
    while (size - at >= Nl.NLMSG_HEADER) {
      Attributes header = Attributes.of(received, at, Nl.NLMSG_HEADER, size);
      int length = header.headerU32(0);
      if (length < Nl.NLMSG_HEADER || length > size - at) {
        return;
      }
      int type = header.headerU16(4);
      Topic topic = Topic.of(subscription.protocol, type);
      if (subscription.topics.contains(topic)) {
        tell(subscription, change(topic, type, header.headerU32(12), at, at + length));
      }
      at += (length + 3) & ~3;
    }
  }

  /** Reads one notification, which lies between these offsets. */
  private Change change(Topic topic, int type, int sender, int start, int end) {
    int body = start + Nl.NLMSG_HEADER;
    return switch (topic) {
      case LINK -> {
        if (end - body < Link.HEADER) {
          yield new Change.Changed(topic, sender, 0);
        }
        Attributes link = Attributes.of(received, body, Link.HEADER, end);
        yield new Change.LinkChanged(
            sender,
            link.headerU32(4),
            link.get(LinkNumbers.IFLA_GROUP)
                .map(group -> OptionalInt.of(group.u32()))
                .orElse(OptionalInt.empty()),
            link.u32(LinkNumbers.IFLA_MASTER, 0),
            // A bridge tells of a port that it has no more, which is a link still.
            type == Nl.RTM_DELLINK && link.headerU8(0) != Nl.AF_BRIDGE);
      }
      case NEIGHBOUR ->
          neighbour(type, sender, body, end)
              .orElseGet(() -> new Change.Changed(topic, sender, index(body, end)));
      case ADDRESS -> new Change.Changed(topic, sender, index(body, end));
      case ROUTE ->
          new Change.Changed(
              topic,
              sender,
              end - body >= Route.HEADER
                  ? Attributes.of(received, body, Route.HEADER, end).u32(Route.RTA_OIF, 0)
                  : 0);
      case RULE, NEXTHOP, NFTABLES -> new Change.Changed(topic, sender, 0);
    };
  }

  private int index(int body, int end) {
    return end - body >= 8 ? Attributes.of(received, body, 8, end).headerU32(4) : 0;
  }

  private Optional<Change> neighbour(int type, int sender, int body, int end) {
    if (end - body < Neighbour.HEADER) {
      return Optional.empty();
    }
    Attributes message = Attributes.of(received, body, Neighbour.HEADER, end);
    boolean deleted = type == Nl.RTM_DELNEIGH;
    return message.headerU8(0) == Nl.AF_BRIDGE
        ? FdbEntry.decode(message)
            .map(entry ->
                new Change.ForwardingChanged(
                    sender, entry.ifindex(), entry.mac(), entry.remote(), deleted))
        : Neighbour.decode(message)
            .map(entry ->
                new Change.NeighbourChanged(
                    sender, entry.ifindex(), entry.address(), entry.mac(), deleted));
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    wakeUp();
    try {
      if (thread.join(Duration.ofSeconds(2))) {
        // Not by the thread itself: a late wake-up must not write to a number given away.
        Libc.close(pollState, wake);
        arena.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
