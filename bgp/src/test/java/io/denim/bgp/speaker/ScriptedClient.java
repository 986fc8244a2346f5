package io.denim.bgp.speaker;

import io.denim.bgp.loop.SocketAddresses;
import io.denim.bgp.wire.AsPath;
import io.denim.bgp.wire.AttributeParser;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.Capabilities;
import io.denim.bgp.wire.Framer;
import io.denim.bgp.wire.Negotiated;
import io.denim.bgp.wire.NlriReader;
import io.denim.bgp.wire.Open;
import io.denim.bgp.wire.ParsedAttributes;
import io.denim.bgp.wire.UpdateEncoder;
import io.denim.bgp.wire.UpdateReader;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** A client of a reflector that does what a test says, right or wrong, over a socket of its own. */
final class ScriptedClient {
  private static final Negotiated SESSION =
      new Negotiated(false, true, false, false, false, true, false, false);

  private final IpAddress address;
  private final IpAddress server;
  private final byte[] buffer = new byte[1 << 16];
  private final Map<Cidr, AttributeSet> told = new HashMap<>();
  private final UpdateReader reader = new UpdateReader();
  private final Optional<Consumer<byte[]>> record;
  private SocketChannel channel;
  private int length;
  private boolean established;
  private boolean closed;
  private int heard;

  /** One that has dialled and sent its OPEN. */
  ScriptedClient(IpAddress address, IpAddress server, int port) throws IOException {
    this(address, server, port, Optional.empty(), Optional.empty());
  }

  /**
   * The same.
   *
   * @param receiveBuffer of its socket
   * @param record is given each message that comes, whole
   */
  ScriptedClient(
      IpAddress address,
      IpAddress server,
      int port,
      Optional<Integer> receiveBuffer,
      Optional<Consumer<byte[]>> record)
      throws IOException {
    this.address = address;
    this.server = server;
    this.record = record;
    channel = SocketChannel.open();
    if (receiveBuffer.isPresent()) {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBuffer.get());
    }
    channel.bind(SocketAddresses.of(address, 0));
    channel.connect(SocketAddresses.of(server, port));
    channel.configureBlocking(false);
    Capabilities can = Capabilities.builder().family(Family.IPV4).fourOctetAs().build();
    send(new Open(64512, 90, address.low32(), can).encode());
  }

  IpAddress address() {
    return address;
  }

  IpAddress server() {
    return server;
  }

  boolean established() {
    return established;
  }

  /** How many messages have come that are no KEEPALIVE. */
  int heard() {
    return heard;
  }

  /** Whether the other side has ended it. */
  boolean closed() {
    return closed;
  }

  /** What it has been told and not told otherwise since. */
  Map<Cidr, AttributeSet> told() {
    return told;
  }

  void send(byte[] message) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(message);
    while (bytes.hasRemaining()) {
      if (channel.write(bytes) == 0) {
        pump();
      }
    }
  }

  /** The attributes with which it announces. */
  AttributeSet attributes(long localPref) {
    return AttributeSet.builder()
        .origin(AttributeSet.ORIGIN_IGP)
        .asPath(AsPath.EMPTY)
        .nextHop(address)
        .localPref(localPref)
        .build();
  }

  byte[] announcement(AttributeSet set, List<Cidr> prefixes) {
    ByteBuffer out = ByteBuffer.allocate(Framer.MAX_LENGTH);
    UpdateEncoder encoder = new UpdateEncoder();
    encoder.begin(out, out.capacity(), Family.IPV4, set.encode(true, true), new byte[0]);
    return finish(encoder, out, prefixes);
  }

  byte[] withdrawal(List<Cidr> prefixes) {
    ByteBuffer out = ByteBuffer.allocate(Framer.MAX_LENGTH);
    UpdateEncoder encoder = new UpdateEncoder();
    encoder.beginWithdraw(out, out.capacity(), Family.IPV4);
    return finish(encoder, out, prefixes);
  }

  private static byte[] finish(UpdateEncoder encoder, ByteBuffer out, List<Cidr> prefixes) {
    for (Cidr prefix : prefixes) {
      var _ = encoder.add(-1, 0, prefix.address().low(), prefix.length());
    }
    var _ = encoder.end();
    byte[] message = new byte[out.position()];
    out.flip().get(message);
    return message;
  }

  /** Reads so many octets at most. */
  void sip(int most) {
    try {
      int room = Math.min(most, buffer.length - length);
      int count = channel.read(ByteBuffer.wrap(buffer, length, room));
      if (count > 0) {
        length += count;
        take();
      }
      closed |= count < 0;
    } catch (IOException e) {
      closed = true;
    }
  }

  /** Reads what has come. */
  void pump() {
    try {
      int count = channel.read(ByteBuffer.wrap(buffer, length, buffer.length - length));
      while (count > 0) {
        length += count;
        take();
        count = channel.read(ByteBuffer.wrap(buffer, length, buffer.length - length));
      }
      closed |= count < 0;
    } catch (IOException e) {
      closed = true;
    }
  }

  private void take() throws IOException {
    int at = 0;
    while (length - at >= Framer.HEADER_LENGTH) {
      int needed = Framer.needed(buffer, at, length - at, Framer.MAX_LENGTH);
      if (needed > length - at) {
        break;
      }
      take(at, needed);
      at += needed;
    }
    System.arraycopy(buffer, at, buffer, 0, length - at);
    length -= at;
  }

  private void take(int at, int size) throws IOException {
    record.ifPresent(to -> to.accept(Arrays.copyOfRange(buffer, at, at + size)));
    heard += Framer.type(buffer, at) == Framer.KEEPALIVE ? 0 : 1;
    switch (Framer.type(buffer, at)) {
      case Framer.OPEN -> send(Framer.keepalive());
      case Framer.KEEPALIVE -> established = true;
      case Framer.NOTIFICATION -> closed = true;
      case Framer.UPDATE -> update(at, size);
      default -> {
        // Nothing else is agreed.
      }
    }
  }

  private void update(int at, int size) {
    reader.read(buffer, at, size, SESSION);
    NlriReader nlri = new NlriReader();
    nlri.reset(
        buffer, reader.withdrawn().offset(), reader.withdrawn().length(), Family.IPV4, false);
    while (nlri.next()) {
      told.remove(nlri.prefix());
    }
    if (reader.nlri().isEmpty()) {
      return;
    }
    ParsedAttributes parsed =
        AttributeParser.parse(
            reader.key(),
            reader.keyOffset(),
            reader.keyLength(),
            SESSION,
            IpAddress.ANY_V4,
            Optional.empty(),
            true);
    if (!(parsed instanceof ParsedAttributes.Good good)) {
      throw new IllegalStateException("a reflector sent " + parsed);
    }
    nlri.reset(buffer, reader.nlri().offset(), reader.nlri().length(), Family.IPV4, false);
    while (nlri.next()) {
      told.put(nlri.prefix(), good.attributes());
    }
  }

  /** Ends it in the way that a reset does. */
  void reset() throws IOException {
    channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    channel.close();
    closed = true;
  }

  /** Ends it in the way that a program that ends does. */
  void close() throws IOException {
    channel.close();
    closed = true;
  }
}
