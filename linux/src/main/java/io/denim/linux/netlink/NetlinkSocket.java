package io.denim.linux.netlink;

import io.denim.linux.Errno;
import io.denim.linux.Libc;
import io.denim.linux.LinuxException;
import io.denim.linux.ns.Namespace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/**
 * A socket for netlink requests, bound for life to the namespace that it was opened in. Any thread
 * may use it; one request is answered at a time. The kernel does its work inside the send, so a
 * call never waits for anything but the kernel's locks.
 *
 * <p>Buffers: one native buffer for sending and one for receiving, kept as long as the socket.
 */
public final class NetlinkSocket implements AutoCloseable {
  /** Routes, links, addresses, neighbours (linux/netlink.h). */
  public static final int NETLINK_ROUTE = 0;

  /** Netfilter, with it nftables. */
  public static final int NETLINK_NETFILTER = 12;

  private static final int SOCKADDR_NL = 12;
  private static final int SOCK_RAW = 3;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_SNDBUF = 7;
  private static final int SO_RCVBUF = 8;
  private static final int SO_SNDBUFFORCE = 32;
  private static final int SO_RCVBUFFORCE = 33;
  private static final int SOL_NETLINK = 270;
  private static final int NETLINK_CAP_ACK = 10;
  private static final int NETLINK_EXT_ACK = 11;
  private static final int NETLINK_GET_STRICT_CHK = 12;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_TRUNC = 0x20;

  private static final int NLMSGERR_ATTR_MSG = 1;
  private static final int NLMSGERR_ATTR_OFFS = 2;

  /** Octets of requests in one send; a dump answers in parts of up to 32 KiB. */
  private static final int CHUNK = 48 * 1024;

  private static final int KERNEL_BUFFER = 8 << 20;
  private static final int DUMP_ATTEMPTS = 5;

  /**
   * Given back by the garbage collector: closing a shared arena stops all threads for a moment, and
   * a socket may live for one pod only.
   */
  private final Arena arena = Arena.ofAuto();

  private final Libc.CallState state = new Libc.CallState(arena);
  private final MemorySegment receiveBuffer;
  private final byte[] received;
  private final MessageWriter writer = new MessageWriter(4096);
  private final int fd;
  private final int portId;
  private MemorySegment sendBuffer;
  private int sequence = 1;
  private boolean closed;

  private NetlinkSocket(ToIntFunction<Libc.CallState> opening, Size size) {
    receiveBuffer = arena.allocate(size.receive);
    received = new byte[size.receive];
    sendBuffer = arena.allocate(size.send);
    fd = check("open a netlink socket", opening.applyAsInt(state));
    int port = port();
    if (port == 0) {
      MemorySegment address = arena.allocate(SOCKADDR_NL, 4);
      address.set(ValueLayout.JAVA_SHORT, 0, (short) Nl.AF_NETLINK);
      check("bind a netlink socket", Libc.bind(state, fd, address));
      port = port();
    }
    portId = port;
    for (int option : new int[] {NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK}) {
      check("set a netlink option", Libc.setsockopt(state, fd, SOL_NETLINK, option, 1));
    }
    if (size == Size.LARGE) {
      buffer(SO_RCVBUFFORCE, SO_RCVBUF, KERNEL_BUFFER);
      buffer(SO_SNDBUFFORCE, SO_SNDBUF, KERNEL_BUFFER);
    }
  }

  /** The kernel's number for the socket, 0 until it is bound. */
  private int port() {
    MemorySegment address = arena.allocate(SOCKADDR_NL, 4);
    MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, SOCKADDR_NL);
    check("name a netlink socket", Libc.getsockname(state, fd, address, length));
    return address.get(ValueLayout.JAVA_INT, 4);
  }

  /** Opens a socket in a namespace, or takes the one that came with it. */
  public static NetlinkSocket open(Namespace namespace, int protocol) {
    Optional<NetlinkSocket> handed =
        protocol == NETLINK_ROUTE ? handed(namespace) : Optional.empty();
    return handed.orElseGet(() -> namespace.call(() -> openHere(protocol, Size.LARGE)));
  }

  /** Takes the socket that came with a namespace; empty when none did. */
  static Optional<NetlinkSocket> handed(Namespace namespace) {
    return namespace.routeSocket().map(socket -> new NetlinkSocket(_ -> socket.take(), Size.SMALL));
  }

  /** Opens a socket in the namespace of the calling thread. */
  static NetlinkSocket openHere(int protocol, Size size) {
    return new NetlinkSocket(
        state -> Libc.socket(state, Nl.AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), size);
  }

  /** For how much a socket is made. */
  enum Size {
    /** For the few objects of a container. */
    SMALL(16 * 1024, 4 * 1024),
    /** For dumps and batches of thousands of objects. */
    LARGE(64 * 1024, CHUNK);

    private final int receive;
    private final int send;

    Size(int receive, int send) {
      this.receive = receive;
      this.send = send;
    }
  }

  private void buffer(int forced, int plain, int size) {
    // Beyond the system's limit only with CAP_NET_ADMIN in the first user namespace.
    if (Libc.setsockopt(state, fd, SOL_SOCKET, forced, size) < 0) {
      Libc.setsockopt(state, fd, SOL_SOCKET, plain, size);
    }
  }

  private static int check(String operation, int result) {
    if (result < 0) {
      throw new LinuxException(operation, -result);
    }
    return result;
  }

  /**
   * The port that the kernel names as the sender in notifications of changes made through this
   * socket.
   */
  public int portId() {
    return portId;
  }

  /** A request that was refused. */
  public record Failure(int index, Request request, LinuxException error) {}

  /**
   * Executes one request.
   *
   * @throws LinuxException when the kernel refuses it
   */
  public void execute(Request request) {
    List<Failure> failures = executeAll(List.of(request));
    if (!failures.isEmpty()) {
      throw failures.getFirst().error();
    }
  }

  /**
   * Executes requests in order, many to a send. The kernel goes on after one that it refuses; there
   * is no transaction.
   *
   * @return the refused ones, in order
   */
  public synchronized List<Failure> executeAll(List<? extends Request> requests) {
    List<Failure> failures = new ArrayList<>();
    int next = 0;
    while (next < requests.size()) {
      int first = next;
      int firstSequence = sequence;
      writer.clear();
      int last = 0;
      while (next < requests.size() && (next == first || writer.size() < CHUNK - 8192)) {
        last = writer.size();
        write(requests.get(next++));
      }
      // Only the last is acknowledged: refusals are told in any case, and acks of all could overrun
      // the buffer.
      writer.addFlags(last, Nl.NLM_F_ACK);
      int count = next - first;
      send("execute " + count + " netlink requests");
      awaitAcks(requests.subList(first, next), first, firstSequence, failures);
    }
    return failures;
  }

  private void write(Request request) {
    writer.begin(request.type(), Nl.NLM_F_REQUEST | request.flags(), sequence++);
    request.encode(writer);
    writer.end();
  }

  private void awaitAcks(
      List<? extends Request> sent, int offset, int firstSequence, List<Failure> failures) {
    int lastSequence = firstSequence + sent.size() - 1;
    boolean[] done = {false};
    while (!done[0]) {
      receive("read netlink answers")
          .forEach(message -> {
            int index = message.sequence() - firstSequence;
            if (message.type() != Nl.NLMSG_ERROR || index < 0 || index >= sent.size()) {
              return;
            }
            message
                .error(sent.get(index))
                .ifPresent(e -> failures.add(new Failure(offset + index, sent.get(index), e)));
            done[0] |= message.sequence() == lastSequence;
          });
    }
  }

  /**
   * Sends these requests as one batch, which the kernel judges as a whole: the first and last are
   * its BEGIN and END, all others are acknowledged by the last but one.
   *
   * @return the refusals; empty when the batch was applied
   */
  public synchronized List<Failure> transact(List<? extends Request> batch, boolean commit) {
    int firstSequence = sequence;
    writer.clear();
    int last = 0;
    for (int i = 0; i < batch.size(); i++) {
      boolean end = i == batch.size() - 1;
      if (!end) {
        last = writer.size();
      }
      if (!end || commit) {
        write(batch.get(i));
      }
    }
    sequence = firstSequence + batch.size();
    writer.addFlags(last, Nl.NLM_F_ACK);
    send("send a batch of " + (batch.size() - 2) + " requests");
    List<Failure> failures = new ArrayList<>();
    int lastSequence = firstSequence + batch.size() - 2;
    boolean done = false;
    while (!done) {
      for (Received message : receive("read the answers to a batch")) {
        int index = message.sequence() - firstSequence;
        if (message.type() == Nl.NLMSG_ERROR && index >= 0 && index < batch.size()) {
          message
              .error(batch.get(index))
              .ifPresent(e -> failures.add(new Failure(index, batch.get(index), e)));
          // A refused BEGIN ends the batch without any further answer.
          done |= message.sequence() == lastSequence || (index == 0 && !failures.isEmpty());
        }
      }
    }
    return failures;
  }

  /**
   * Reads a table: sends the request with DUMP and hands over each message of the answer, beginning
   * after its nlmsghdr. A dump that the kernel says was interrupted by changes, or that overran the
   * buffer, is repeated from the start, at most five times.
   *
   * @param header octets of the family header of each answer
   * @throws LinuxException when the kernel refuses, or EINTR when no attempt was undisturbed
   */
  public synchronized <T> List<T> dump(Request request, int header, Decoder<T> decoder) {
    for (int attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
      List<T> objects = new ArrayList<>();
      try {
        if (tryDump(request, header, m -> decoder.decode(m).ifPresent(objects::add))) {
          return objects;
        }
      } catch (LinuxException e) {
        if (e.errno() != Errno.ENOBUFS) {
          throw e;
        }
      } catch (MalformedMessageException e) {
        // The kernel refuses a further dump (EBUSY) while the rest of this one is not read.
        drain();
        throw e;
      }
    }
    throw new LinuxException(request.describe() + " undisturbed by changes", Errno.EINTR);
  }

  /** Makes an object of one message of a dump; empty when the message is none of those wanted. */
  @FunctionalInterface
  public interface Decoder<T> {
    /** The view begins with the family header. */
    Optional<T> decode(Attributes message);
  }

  private boolean tryDump(Request request, int header, Consumer<Attributes> body) {
    writer.clear();
    int own = sequence++;
    writer.begin(request.type(), Nl.NLM_F_REQUEST | Nl.NLM_F_DUMP | request.flags(), own);
    request.encode(writer);
    writer.end();
    send(request.describe());
    boolean clean = true;
    while (true) {
      for (Received message : receive(request.describe())) {
        if (message.sequence() != own) {
          continue;
        }
        clean &= (message.flags() & Nl.NLM_F_DUMP_INTR) == 0;
        if (message.type() == Nl.NLMSG_DONE || message.type() == Nl.NLMSG_ERROR) {
          Optional<LinuxException> error = message.error(request);
          if (error.isPresent() && error.get().errno() != Errno.EINTR) {
            throw error.get();
          }
          return clean && error.isEmpty();
        }
        body.accept(message.body(header));
      }
    }
  }

  /**
   * Asks for one object.
   *
   * @return the answer, empty when the kernel says that there is none (ENOENT, ENODEV, ESRCH)
   */
  public synchronized Optional<Attributes> query(Request request, int header) {
    writer.clear();
    int own = sequence;
    write(request);
    send(request.describe());
    while (true) {
      for (Received message : receive(request.describe())) {
        if (message.sequence() != own) {
          continue;
        }
        if (message.type() == Nl.NLMSG_ERROR) {
          Optional<LinuxException> error = message.error(request);
          int errno = error.map(LinuxException::errno).orElse(0);
          if (errno == Errno.ENOENT || errno == Errno.ENODEV || errno == Errno.ESRCH) {
            return Optional.empty();
          }
          if (error.isPresent()) {
            throw error.get();
          }
          return Optional.empty();
        }
        byte[] copy = message.body(header).bytes();
        return Optional.of(Attributes.of(copy, 0, header, copy.length));
      }
    }
  }

  private void send(String operation) {
    if (closed) {
      throw new IllegalStateException("cannot " + operation + ": the netlink socket is closed");
    }
    if (writer.size() > sendBuffer.byteSize()) {
      sendBuffer = arena.allocate(Math.max(writer.size(), 2 * sendBuffer.byteSize()));
    }
    MemorySegment.copy(writer.array(), 0, sendBuffer, ValueLayout.JAVA_BYTE, 0, writer.size());
    long sent;
    do {
      sent = Libc.sendto(state, fd, sendBuffer.asSlice(0, writer.size()), 0, MemorySegment.NULL);
    } while (sent == -Errno.EINTR);
    check(operation, (int) sent);
  }

  /** The messages of one datagram. */
  private List<Received> receive(String operation) {
    long count;
    do {
      count = Libc.recv(state, fd, receiveBuffer, MSG_TRUNC);
    } while (count == -Errno.EINTR);
    if (count == -Errno.ENOBUFS) {
      drain();
      throw new LinuxException(operation, Errno.ENOBUFS);
    }
    int size = Math.min(check(operation, (int) count), received.length);
    MemorySegment.copy(receiveBuffer, ValueLayout.JAVA_BYTE, 0, received, 0, size);
    return Received.split(received, size);
  }

  private void drain() {
    while (Libc.recv(state, fd, receiveBuffer, MSG_DONTWAIT) >= 0) {
      // What had fitted before the overrun is worth nothing without the rest.
    }
  }

  /** One message of an answer: the view begins at its nlmsghdr. */
  private record Received(Attributes message) {
    static List<Received> split(byte[] data, int size) {
      List<Received> messages = new ArrayList<>();
      int at = 0;
      while (size - at >= Nl.NLMSG_HEADER) {
        int length = Attributes.of(data, at, Nl.NLMSG_HEADER, size).headerU32(0);
        if (length < Nl.NLMSG_HEADER || length > size - at) {
          throw new MalformedMessageException("a netlink message of length " + length);
        }
        messages.add(new Received(Attributes.of(data, at, Nl.NLMSG_HEADER, at + length)));
        at += (length + 3) & ~3;
      }
      return messages;
    }

    int type() {
      return message.headerU16(4);
    }

    int flags() {
      return message.headerU16(6);
    }

    int sequence() {
      return message.headerU32(8);
    }

    Attributes body(int header) {
      return message.slice(Nl.NLMSG_HEADER, header);
    }

    Optional<LinuxException> error(Request request) {
      if (message.length() < Nl.NLMSG_HEADER + 4) {
        return Optional.empty();
      }
      int code = body(4).headerU32(0);
      if (code == 0) {
        return Optional.empty();
      }
      String text = "";
      String where = "";
      if ((flags() & Nl.NLM_F_ACK_TLVS) != 0) {
        int echoed =
            type() == Nl.NLMSG_DONE
                ? 4
                : 4 + ((flags() & Nl.NLM_F_CAPPED) != 0 ? Nl.NLMSG_HEADER : body(8).headerU32(4));
        Attributes extended = body(Math.min(echoed, message.length() - Nl.NLMSG_HEADER));
        text = extended.get(NLMSGERR_ATTR_MSG).map(Attributes::string).orElse("");
        where =
            extended
                .get(NLMSGERR_ATTR_OFFS)
                .map(offset -> AttributeFinder.at(request, offset.u32()))
                .orElse("");
      }
      return Optional.of(new LinuxException(request.describe(), -code, text, where));
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Libc.close(state, fd);
    }
  }
}
