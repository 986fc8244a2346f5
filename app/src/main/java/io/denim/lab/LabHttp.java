package io.denim.lab;

import io.denim.linux.ns.Namespace;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocketFactory;

/**
 * Requests by HTTP/1.0 (RFC 1945) to a server of the lab, from inside a namespace; one connection
 * each. A client of the JDK or a library would open its sockets in whatever namespace its threads
 * are in.
 */
final class LabHttp {
  private static final int PATIENCE_MS = 5000;
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([1-5]\\d\\d)[ \r]");

  private final Namespace from;
  private final InetSocketAddress to;
  private final Optional<SSLSocketFactory> tls;

  /** Speaks to this server; with TLS when it is said how. */
  LabHttp(Namespace from, IpAddress address, int port, Optional<SSLSocketFactory> tls) {
    this.from = from;
    this.to = socketAddress(address, port);
    this.tls = tls;
  }

  private static InetSocketAddress socketAddress(IpAddress address, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(address.bytes()), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has 4 or 16 octets", e);
    }
  }

  /** An address as it stands in a URL. */
  static String host(IpAddress address) {
    return address.isV4() ? address.toString() : "[" + address + "]";
  }

  /** What the server answered. */
  record Answer(int status, String body) {
    boolean succeeded() {
      return status / 100 == 2;
    }
  }

  /** Sends a request; empty when nobody answers. */
  Optional<Answer> tryCall(String method, String path, String body) {
    try {
      return Optional.of(from.call(() -> exchange(method, path, body)));
    } catch (IllegalStateException e) {
      if (e.getCause() instanceof IOException) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Sends a request.
   *
   * @throws LabException when nobody answers or the answer is no success
   */
  String call(String method, String path, String body) {
    Answer answer =
        tryCall(method, path, body)
            .orElseThrow(() -> new LabException("nobody answers on " + to + " in the lab"));
    if (!answer.succeeded()) {
      throw new LabException(
          method
              + " "
              + path
              + " on "
              + to
              + " answered "
              + answer.status()
              + ": "
              + answer.body());
    }
    return answer.body();
  }

  private Answer exchange(String method, String path, String body) throws IOException {
    try (Socket plain = new Socket()) {
      plain.connect(to, PATIENCE_MS);
      plain.setSoTimeout(PATIENCE_MS);
      String host = to.getAddress().getHostAddress();
      try (Socket socket =
          tls.isPresent() ? tls.get().createSocket(plain, host, to.getPort(), true) : plain) {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        String head =
            method
                + " "
                + path
                + " HTTP/1.0\r\nAccept: application/json\r\nContent-Type: application/json\r\n"
                + "Content-Length: "
                + content.length
                + "\r\n\r\n";
        OutputStream out = socket.getOutputStream();
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        out.write(content);
        out.flush();
        return parse(socket.getInputStream().readAllBytes());
      }
    }
  }

  /**
   * Reads an answer.
   *
   * @throws IOException when it is none
   */
  static Answer parse(byte[] octets) throws IOException {
    String text = new String(octets, StandardCharsets.UTF_8);
    int end = text.indexOf("\r\n\r\n");
    Matcher status = STATUS.matcher(text);
    if (end < 0 || !status.lookingAt()) {
      throw new IOException("no answer by HTTP");
    }
    return new Answer(Integer.parseInt(status.group(1)), text.substring(end + 4));
  }
}
