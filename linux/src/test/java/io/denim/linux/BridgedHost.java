package io.denim.linux;

import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Route;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.linux.ns.Sysctl;
import io.denim.net.Cidr;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * A host with a bridge {@code cni0} (10.1.0.1, fd00:1::1), pods on it (10.1.0.N, fd00:1::N, port
 * {@code vethN}), and a client on a wire of its own (host 192.0.2.1, 2001:db8::1, client .2, ::2).
 */
public final class BridgedHost implements AutoCloseable {
  private static final int STATIC = 4;
  private static final int TIMEOUT_MILLIS = 2_000;

  public final Namespace host = Namespace.create();
  public final Namespace client = Namespace.create();
  public final Rtnetlink kernel = Rtnetlink.open(host);
  public final int bridge;

  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  public BridgedHost() {
    Sysctl sysctl = Sysctl.of(host);
    // Else a bridge whose first port comes up cannot reach it by IPv6 for two seconds.
    sysctl.write("net/ipv6/conf/default/accept_dad", "0");
    kernel.execute(
        Links.create(
            Links.Spec.of("cni0", new LinkKind.Bridge()).mac(MacAddress.local(1)).upAtOnce()));
    bridge = index(kernel, "cni0");
    address(kernel, bridge, "10.1.0.1/24");
    address(kernel, bridge, "fd00:1::1/64");
    wire(Links.Spec.of("up0", pair(MacAddress.local(3), client)).mac(MacAddress.local(2)));
    address(kernel, index(kernel, "up0"), "192.0.2.1/24");
    address(kernel, index(kernel, "up0"), "2001:db8::1/64");
    inside(client, "192.0.2.2/24", "2001:db8::2/64", "192.0.2.1", "2001:db8::1");
    sysctl.write("net/ipv4/ip_forward", "1");
    sysctl.write("net/ipv6/conf/all/forwarding", "1");
    up(host, "lo");
  }

  private static LinkKind.VethPair pair(MacAddress mac, Namespace to) {
    return new LinkKind.VethPair("eth0", mac, 1500, Optional.of(to));
  }

  private void wire(Links.Spec spec) {
    kernel.execute(Links.create(spec.mtu(1500).upAtOnce()));
  }

  private static int index(Rtnetlink kernel, String name) {
    return kernel.link(name).map(Link::index).orElseThrow();
  }

  private static void address(Rtnetlink kernel, int index, String text) {
    kernel.execute(LinkAddress.replace(index, InterfaceAddress.parse(text)));
  }

  private static void up(Namespace namespace, String name) {
    try (Rtnetlink inside = Rtnetlink.open(namespace)) {
      inside.execute(Links.up(index(inside, name)));
    }
  }

  private static void inside(Namespace to, String v4, String v6, String gateway, String gateway6) {
    up(to, "lo");
    try (Rtnetlink kernel = Rtnetlink.open(to)) {
      int eth0 = index(kernel, "eth0");
      address(kernel, eth0, v4);
      address(kernel, eth0, v6);
      kernel.execute(Links.up(eth0));
      Cidr all = Cidr.parse("0.0.0.0/0");
      Cidr all6 = Cidr.parse("::/0");
      kernel.execute(Route.via(all, IpAddress.parse(gateway), eth0, false, STATIC).replace());
      kernel.execute(Route.via(all6, IpAddress.parse(gateway6), eth0, false, STATIC).replace());
    }
  }

  /** The hardware address of a pod. */
  public static MacAddress mac(int number) {
    return MacAddress.local(0x100 + number);
  }

  /** A pod, with hairpin on its port. */
  public Namespace pod(int number) {
    Namespace pod = Namespace.create();
    open.push(pod);
    String port = "veth" + number;
    wire(
        Links.Spec.of(port, pair(mac(number), pod))
            .mac(MacAddress.local(0x200 + number))
            .master(bridge));
    kernel.execute(Links.hairpin(index(kernel, port), true));
    inside(pod, "10.1.0." + number + "/24", "fd00:1::" + number + "/64", "10.1.0.1", "fd00:1::1");
    return pod;
  }

  /** The link of the host of this name. */
  public Link link(String name) {
    return kernel.link(name).orElseThrow();
  }

  /** Answers each TCP connection to the port with the name, a blank and the client's address. */
  public void answerTcp(Namespace at, int port, String name) {
    ServerSocket server = at.call(() -> new ServerSocket(port));
    open.push(server);
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            while (true) {
              try (Socket socket = server.accept()) {
                socket.getOutputStream().write(answer(name, socket.getInetAddress()));
              }
            }
          } catch (IOException e) {
            // Closed.
          }
        });
  }

  /** Answers each datagram to the port with the name, a blank and the client's address. */
  public void answerUdp(Namespace at, int port, String name) {
    DatagramSocket server = at.call(() -> new DatagramSocket(port));
    open.push(server);
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          DatagramPacket packet = new DatagramPacket(new byte[100], 100);
          try {
            while (true) {
              server.receive(packet);
              byte[] answer = answer(name, packet.getAddress());
              server.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            }
          } catch (IOException e) {
            // Closed.
          }
        });
  }

  private static byte[] answer(String name, InetAddress client) {
    return (name + " " + IpAddress.parse(client.getHostAddress().replaceFirst("%.*", "")))
        .getBytes(StandardCharsets.UTF_8);
  }

  /** What answers a TCP connection, or the exception's words. */
  public static String tcp(Namespace from, String address, int port) {
    return from.call(() -> {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(address, port), TIMEOUT_MILLIS);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        return e.toString();
      }
    });
  }

  /** What answers a datagram, or the exception's words. */
  public static String udp(Namespace from, String address, int port) {
    try (DatagramSocket socket = socket(from)) {
      return udp(socket, address, port);
    }
  }

  /** A socket to send several datagrams by. */
  public static DatagramSocket socket(Namespace in) {
    return in.call(() -> new DatagramSocket());
  }

  /** As {@link #udp(Namespace, String, int)}, by a socket that is kept. */
  public static String udp(DatagramSocket socket, String address, int port) {
    try {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.send(new DatagramPacket(new byte[] {'?'}, 1, new InetSocketAddress(address, port)));
      DatagramPacket packet = new DatagramPacket(new byte[100], 100);
      socket.receive(packet);
      return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** What a program prints in a namespace. */
  public static String run(Namespace in, String... command) {
    return in.call(() -> {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      return output;
    });
  }

  @Override
  public void close() {
    for (AutoCloseable each : open) {
      try {
        each.close();
      } catch (Exception e) {
        throw new IllegalStateException("cannot close " + each, e);
      }
    }
    kernel.close();
    client.close();
    host.close();
  }
}
