package io.denim.interop;

import io.denim.bgp.wire.Capabilities;
import io.denim.bgp.wire.CapabilitiesBuilder;
import io.denim.bgp.wire.Open;
import io.denim.linux.ns.Namespace;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.HexFormat;

/** A peer that says what is written here, octet for octet, and listens to nothing. */
final class WrittenPeer implements AutoCloseable {
  private static final String MARKER = "ff".repeat(16);

  private static final int PORT = 179;
  private static final int PATIENCE = 20_000;

  /** The least OPEN and a KEEPALIVE. */
  private static final int OPEN_AND_MORE = 29 + 19;

  private final Socket socket;

  private WrittenPeer(Socket socket) {
    this.socket = socket;
  }

  /** Dials Denim and says an OPEN with this identifier, and a KEEPALIVE. */
  static WrittenPeer dial(Namespace inside, long as, IpAddress id) throws IOException {
    byte[] denim = Net.v4(Net.DENIM).bytes();
    Socket socket = inside.call(() -> new Socket(InetAddress.getByAddress(denim), PORT));
    WrittenPeer peer = new WrittenPeer(socket);
    peer.open(as, id, Capabilities.builder().family(Family.IPV4));
    return peer;
  }

  /** The same from an address, which is its identifier, to any speaker, for both families. */
  static WrittenPeer dial(Namespace inside, IpAddress from, IpAddress to, long as)
      throws IOException {
    InetAddress own = InetAddress.getByAddress(from.bytes());
    InetAddress speaker = InetAddress.getByAddress(to.bytes());
    WrittenPeer peer = new WrittenPeer(inside.call(() -> new Socket(speaker, PORT, own, 0)));
    peer.open(as, from, Capabilities.builder().family(Family.IPV4).family(Family.IPV6));
    return peer;
  }

  private void open(long as, IpAddress id, CapabilitiesBuilder can) throws IOException {
    write(new Open(as, 0, id.low32(), can.fourOctetAs().build()).encode());
    say(4, "");
  }

  /** Says an UPDATE with this body, in hexadecimal digits. */
  void update(String body) throws IOException {
    say(2, body);
  }

  /** Waits until the speaker has said its OPEN and more. */
  void awaitAgreement() throws IOException {
    socket.setSoTimeout(PATIENCE);
    byte[] head = socket.getInputStream().readNBytes(OPEN_AND_MORE);
    if (head.length < OPEN_AND_MORE) {
      throw new IOException("the speaker does not agree: " + HexFormat.of().formatHex(head));
    }
  }

  /** Whether the speaker has ended the session. What it says else is dropped. */
  boolean isEnded() {
    try {
      socket.setSoTimeout(1);
      byte[] scratch = new byte[1 << 16];
      int count = socket.getInputStream().read(scratch);
      while (count > 0) {
        count = socket.getInputStream().read(scratch);
      }
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /** Says an UPDATE with these attributes and prefixes, in hexadecimal digits. */
  void update(String attributes, String prefixes) throws IOException {
    say(2, "0000" + "%04x".formatted(attributes.length() / 2) + attributes + prefixes);
  }

  private void say(int type, String body) throws IOException {
    String head = MARKER + "%04x%02x".formatted(19 + body.length() / 2, type);
    write(HexFormat.of().parseHex(head + body));
  }

  private void write(byte[] message) throws IOException {
    socket.getOutputStream().write(message);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
