package io.denim.router;

import io.denim.bgp.bfd.BfdSockets;
import io.denim.bgp.bfd.Endpoint;
import io.denim.linux.Errno;
import io.denim.linux.LinuxException;
import io.denim.linux.ns.Namespace;
import io.denim.linux.udp.UdpSocket;
import io.denim.linux.udp.UdpWait;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.net.PortUnreachableException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** BFD's sockets of the kernel's: with TTL 255 both ways, in any namespace, by one device. */
final class KernelBfdSockets implements BfdSockets {
  private static final int NETWORK_CONTROL = 0xc0; // CS6, RFC 4594
  private static final int RECEIVE_BUFFER = 1 << 22;
  private static final int LONGEST = 512;
  private static final int MOST_AT_ONCE = 4_096;
  private static final int ATTEMPTS = 100;

  private final Namespace inside;
  private final RandomGenerator random;
  private final UdpWait wait = new UdpWait();
  private final Map<Endpoint, UdpSocket> listening = new HashMap<>();
  private final Map<UdpSocket, Endpoint> places = new HashMap<>();
  private final byte[] data = new byte[LONGEST];

  /** Sockets in this namespace; {@code random} chooses source ports. */
  KernelBfdSockets(Namespace inside, RandomGenerator random) {
    this.inside = inside;
    this.random = random;
  }

  @Override
  public void listen(Endpoint at) throws IOException {
    try {
      UdpSocket socket = UdpSocket.open(inside, at.address(), at.port(), at.device(), LONGEST);
      socket.receiveBuffer(RECEIVE_BUFFER);
      listening.put(at, socket);
      places.put(socket, at);
      wait.add(socket);
    } catch (LinuxException e) {
      String more =
          e.errno() == Errno.EADDRINUSE ? "; does another BFD speaker run on this host?" : "";
      throw new IOException(e.getMessage() + more, e);
    }
  }

  @Override
  public void unlisten(Endpoint at) {
    UdpSocket socket = listening.remove(at);
    if (socket != null) {
      places.remove(socket);
      wait.remove(socket);
      socket.close();
    }
  }

  @Override
  public Outlet dial(Endpoint from, IpAddress to) throws IOException {
    try {
      UdpSocket socket = bound(from);
      try {
        socket.ttl(TTL);
        socket.typeOfService(NETWORK_CONTROL);
        socket.connect(to, from.port());
        return new Way(socket);
      } catch (LinuxException e) {
        socket.close();
        throw e;
      }
    } catch (LinuxException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private UdpSocket bound(Endpoint from) {
    Optional<String> device = from.device();
    for (int attempt = 1; ; attempt++) {
      try {
        int port = random.nextInt(FIRST_PORT, LAST_PORT + 1);
        return UdpSocket.open(inside, from.address(), port, device, LONGEST);
      } catch (LinuxException e) {
        if (e.errno() != Errno.EADDRINUSE || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  @Override
  public void await(long nanos, Receiver receiver) throws IOException {
    try {
      for (UdpSocket socket : wait.await((int) ((nanos + 999_999) / 1_000_000))) {
        Endpoint at = places.get(socket);
        if (at != null) {
          read(socket, at, receiver);
        }
      }
    } catch (LinuxException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private void read(UdpSocket socket, Endpoint at, Receiver receiver) {
    for (int count = 0; count < MOST_AT_ONCE; count++) {
      int length = socket.receive(data);
      if (length < 0) {
        return;
      }
      // The kernel tells it always; what it did not tell would not be trusted.
      int ttl = Math.max(0, socket.ttl());
      receiver.packet(at, socket.sender(), ttl, data, length);
    }
  }

  @Override
  public void wake() {
    wait.wake();
  }

  @Override
  public void close() {
    listening.values().forEach(UdpSocket::close);
    listening.clear();
    places.clear();
    wait.close();
  }

  /** A socket that is connected, so that the kernel tells when nobody listens at the peer. */
  private record Way(UdpSocket socket) implements Outlet {
    @Override
    public void send(byte[] packet) throws IOException {
      try {
        socket.send(packet);
      } catch (LinuxException e) {
        if (e.errno() != Errno.ECONNREFUSED) {
          throw new IOException(e.getMessage(), e);
        }
        again(packet);
        throw new PortUnreachableException(e.getMessage());
      }
    }

    /** It was the packet before that nobody took; this one has not left. */
    private void again(byte[] packet) throws IOException {
      try {
        socket.send(packet);
      } catch (LinuxException e) {
        throw new IOException(e.getMessage(), e);
      }
    }

    @Override
    public void close() {
      socket.close();
    }
  }
}
