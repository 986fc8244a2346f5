package io.denim.bgp.speaker;

import io.denim.bgp.loop.SocketAddresses;
import io.denim.net.IpAddress;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.util.HexFormat;
import java.util.Locale;

/** A peer that says what a test gives it, octet for octet, and tells what it hears. */
final class SpokenPeer implements AutoCloseable {
  static final int OPEN = 1;
  static final int UPDATE = 2;
  static final int NOTIFICATION = 3;
  static final int KEEPALIVE = 4;

  /** IPv4, route refresh, and four octets for AS 64512. */
  static final String CAPABILITIES = "0210" + "010400010001" + "0200" + "41040000fc00" + "0600";

  private static final String MARKER = "ff".repeat(16);
  private static final int HEADER = 19;
  private static final int PATIENCE = 20_000;

  private final Socket socket;
  private final DataInputStream in;

  /** The type of a message, and what follows its header, in hexadecimal digits. */
  record Heard(int type, String body) {}

  /** One that has dialled, from this address, and said nothing yet. */
  SpokenPeer(IpAddress from, IpAddress server, int port) throws IOException {
    socket = new Socket();
    socket.bind(SocketAddresses.of(from, 0));
    socket.connect(SocketAddresses.of(server, port));
    socket.setSoTimeout(PATIENCE);
    in = new DataInputStream(socket.getInputStream());
  }

  /** The body of an OPEN. */
  static String open(int as, int hold, IpAddress id, String parameters) {
    return String.format(
            Locale.ROOT, "04%04x%04x%08x%02x", as, hold, id.low32(), parameters.length() / 2)
        + parameters;
  }

  void say(int type, String body) throws IOException {
    sayAll(
        MARKER + String.format(Locale.ROOT, "%04x%02x", HEADER + body.length() / 2, type) + body);
  }

  /** Says octets that need not be a message. */
  void sayAll(String octets) throws IOException {
    socket.getOutputStream().write(HexFormat.of().parseHex(octets));
  }

  /** Says an UPDATE of these attributes and prefixes. */
  void update(String attributes, String prefixes) throws IOException {
    say(
        UPDATE,
        "0000"
            + String.format(Locale.ROOT, "%04x", attributes.length() / 2)
            + attributes
            + prefixes);
  }

  /** Says an OPEN and a KEEPALIVE, and hears the other side's. */
  void agree(String open) throws IOException {
    say(OPEN, open);
    say(KEEPALIVE, "");
    hear(OPEN);
    hear(KEEPALIVE);
  }

  /** The next message of a type; those before it are dropped. */
  Heard hear(int type) throws IOException {
    Heard heard = hear();
    while (heard.type() != type) {
      heard = hear();
    }
    return heard;
  }

  /**
   * The next message.
   *
   * @throws EOFException when the other side has closed
   */
  Heard hear() throws IOException {
    try {
      byte[] header = in.readNBytes(HEADER);
      if (header.length < HEADER) {
        throw new EOFException("the other side has closed the connection");
      }
      int length = (header[16] & 0xff) << 8 | (header[17] & 0xff);
      return new Heard(header[18], HexFormat.of().formatHex(in.readNBytes(length - HEADER)));
    } catch (SocketException e) {
      throw new EOFException(e.getMessage());
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
