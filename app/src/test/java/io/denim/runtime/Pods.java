package io.denim.runtime;

import io.denim.lab.Output;
import io.denim.linux.ns.Namespace;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** What pods and nodes see of pods. */
final class Pods {
  private static final int PATIENCE_MS = 3000;

  private Pods() {}

  /** The name that an address serves, asked for from within a pod; else what went wrong. */
  static String fetch(ContainerRuntime runtime, Pod from, IpAddress to) {
    return fetch(runtime, from, to, ContainerRuntime.PORT);
  }

  /** The name that a port of an address serves, asked for from within a pod. */
  static String fetch(ContainerRuntime runtime, Pod from, IpAddress to, int port) {
    // Not wget: its -T ends in a segmentation fault of the static busybox.
    String ask = "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5 " + to + " " + port;
    Output output = runtime.exec(from, "sh", "-c", ask);
    return output.succeeded() ? name(output.out()) : output.toString();
  }

  /** What an answer by HTTP ends with. */
  private static String name(String answer) {
    String text = answer.strip();
    return text.substring(text.lastIndexOf('\n') + 1);
  }

  /**
   * The name that a port of an address serves, asked for from a namespace; else what went wrong.
   */
  static String fetch(Namespace from, IpAddress to, int port) {
    return from.call(() -> {
      try (Socket socket = new Socket()) {
        socket.connect(
            new InetSocketAddress(InetAddress.getByAddress(to.bytes()), port), PATIENCE_MS);
        socket.setSoTimeout(PATIENCE_MS);
        socket
            .getOutputStream()
            .write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return name(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
      } catch (IOException e) {
        return e.toString();
      }
    });
  }
}
