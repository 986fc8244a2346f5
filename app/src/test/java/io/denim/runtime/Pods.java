package io.denim.runtime;

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
    String host = to.isV4() ? to.toString() : "[" + to + "]";
    Output output =
        runtime.exec(from, "timeout", "5", "wget", "-q", "-O", "-", "http://" + host + ":" + port);
    return output.succeeded() ? output.out().strip() : output.toString();
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
        var answer =
            new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        return answer.substring(answer.lastIndexOf('\n') + 1);
      } catch (IOException e) {
        return e.toString();
      }
    });
  }
}
