package io.denim.interop;

import io.denim.bgp.wire.Capabilities;
import io.denim.bgp.wire.Open;
import io.denim.linux.ns.Namespace;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.HexFormat;

/** A peer that says what is written here, octet for octet, and listens to nothing. */
final class WrittenPeer implements AutoCloseable {
  private static final String MARKER = "ff".repeat(16);

  private final Socket socket;

  private WrittenPeer(Socket socket) {
    this.socket = socket;
  }

  /** Dials Denim and says an OPEN with this identifier, and a KEEPALIVE. */
  static WrittenPeer dial(Namespace inside, long as, IpAddress id) throws IOException {
    byte[] denim = Net.v4(Net.DENIM).bytes();
    Socket socket = inside.call(() -> new Socket(InetAddress.getByAddress(denim), 179));
    WrittenPeer peer = new WrittenPeer(socket);
    Capabilities can = Capabilities.builder().family(Family.IPV4).fourOctetAs().build();
    peer.write(new Open(as, 0, id.low32(), can).encode());
    peer.say(4, "");
    return peer;
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
