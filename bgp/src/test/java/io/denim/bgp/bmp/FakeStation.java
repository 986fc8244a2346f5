package io.denim.bgp.bmp;

import io.denim.net.IpAddress;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A station that understands what it is told, of one connection at a time. */
final class FakeStation implements AutoCloseable {
  private final ServerSocket listener;
  private final List<Told> told = new CopyOnWriteArrayList<>();
  private volatile Socket connection = new Socket();
  private volatile boolean reading = true;

  /**
   * A message.
   *
   * @param connection counts them from 1
   * @param peer all that the header of the peer says; the same for messages that have none
   * @param rest behind that
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Told(int connection, int type, Peer peer, byte[] rest) {}

  /** The header of a peer, but for the time. */
  record Peer(int type, int flags, long distinguisher, IpAddress address, long as, int identifier) {
    private static final Peer NONE = new Peer(0, 0, 0, IpAddress.ANY_V4, 0, 0);
  }

  /** One that listens at any port. */
  FakeStation(IpAddress address, int port) throws IOException {
    listener = new ServerSocket();
    listener.setReuseAddress(true);
    listener.setReceiveBufferSize(1 << 14);
    listener.bind(new InetSocketAddress(InetAddress.getByAddress(address.bytes()), port));
    Thread.ofPlatform().daemon().name("fake station").start(this::run);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  List<Told> told() {
    return told;
  }

  List<Told> told(int type) {
    return told.stream().filter(each -> each.type() == type).toList();
  }

  /** It has other things to do, for ever, as far as connections of now are concerned. */
  void stopReading(boolean stop) {
    reading = !stop;
  }

  void hangUp() throws IOException {
    connection.close();
  }

  private void run() {
    int number = 0;
    while (!listener.isClosed()) {
      try (Socket next = listener.accept()) {
        connection = next;
        number++;
        DataInputStream in = new DataInputStream(next.getInputStream());
        while (true) {
          while (!reading && !next.isClosed()) {
            Thread.sleep(10);
          }
          told.add(read(number, in));
        }
      } catch (IOException e) {
        // The next one, if there is one.
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static Told read(int number, DataInputStream in) throws IOException {
    int version = in.readUnsignedByte();
    int length = in.readInt();
    int type = in.readUnsignedByte();
    if (version != 3 || length < 6 || type > 5) {
      throw new IllegalStateException("no BMP: " + version + ", " + length + ", " + type);
    }
    byte[] body = new byte[length - 6];
    in.readFully(body);
    if (type >= 4) {
      return new Told(number, type, Peer.NONE, body);
    }
    ByteBuffer from = ByteBuffer.wrap(body);
    int kind = from.get();
    int flags = from.get() & 0xff;
    long distinguisher = from.getLong();
    byte[] address = new byte[16];
    from.get(address);
    Peer peer =
        new Peer(
            kind,
            flags,
            distinguisher,
            IpAddress.ofBytes((flags & 0x80) != 0 ? address : Arrays.copyOfRange(address, 12, 16)),
            from.getInt() & 0xffff_ffffL,
            from.getInt());
    long age = Math.abs(System.currentTimeMillis() / 1000 - (from.getInt() & 0xffff_ffffL));
    if (age > 60 || from.getInt() >= 1_000_000) {
      throw new IllegalStateException("a message of another time");
    }
    return new Told(number, type, peer, Arrays.copyOfRange(body, 42, body.length));
  }

  @Override
  public void close() throws IOException {
    listener.close();
    connection.close();
  }
}
