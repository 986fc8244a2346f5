package io.denim.attach;

import io.denim.linux.ns.Namespace;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Servers that say who they are and whom they see, and clients that ask them. */
final class Talk {
  private static final int TIMEOUT_MILLIS = 2_000;

  /** Where nothing is to come, less patience is enough. */
  private static final int IN_VAIN_MILLIS = 250;

  private Talk() {}

  private static byte[] answer(String name, InetAddress client) {
    return (name + " " + IpAddress.parse(client.getHostAddress().replaceFirst("%.*", "")))
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Answers each TCP connection to the port with the name, a blank and the client's address. */
  static void answerTcp(TestNode node, Namespace at, int port, String name) {
    ServerSocket server = node.closing(at.call(() -> new ServerSocket(port)));
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
  static void answerUdp(TestNode node, Namespace at, int port, String name) {
    DatagramSocket server = node.closing(at.call(() -> new DatagramSocket(port)));
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

  /** What answers a TCP connection, or the exception's words. */
  static String tcp(Namespace from, String address, int port) {
    return tcp(from, address, port, TIMEOUT_MILLIS);
  }

  /** As {@link #tcp}, for what is to get no answer. */
  static String tcpInVain(Namespace from, String address, int port) {
    return tcp(from, address, port, IN_VAIN_MILLIS);
  }

  private static String tcp(Namespace from, String address, int port, int patience) {
    return from.call(() -> {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(address, port), patience);
        socket.setSoTimeout(patience);
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        return e.toString();
      }
    });
  }

  /** What answers a datagram, or the exception's words. */
  static String udp(Namespace from, String address, int port) {
    try (DatagramSocket socket = socket(from)) {
      return udp(socket, address, port);
    }
  }

  /** A socket to send several datagrams by. */
  static DatagramSocket socket(Namespace in) {
    return in.call(() -> new DatagramSocket());
  }

  /** As {@link #udp(Namespace, String, int)}, by a socket that is kept. */
  static String udp(DatagramSocket socket, String address, int port) {
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
}
