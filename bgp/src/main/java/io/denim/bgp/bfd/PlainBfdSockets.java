package io.denim.bgp.bfd;

import io.denim.bgp.loop.SocketAddresses;
import io.denim.net.IpAddress;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sockets of Java alone. They send with the host's usual TTL and cannot tell that of what comes, so
 * that other implementations take their packets over several hops only.
 */
public final class PlainBfdSockets implements BfdSockets {
  private static final Logger LOG = LoggerFactory.getLogger(PlainBfdSockets.class);

  private static final int NETWORK_CONTROL = 0xc0; // CS6, RFC 4594
  private static final int RECEIVE_BUFFER = 1 << 22;
  private static final int MOST_AT_ONCE = 4_096;
  private static final int ATTEMPTS = 100;

  private final RandomGenerator random;
  private final Selector selector;
  private final Map<Endpoint, DatagramChannel> listening = new HashMap<>();
  private final ByteBuffer buffer = ByteBuffer.allocate(512);

  /**
   * @param random chooses source ports
   * @throws IOException when the process has no descriptor left
   */
  public PlainBfdSockets(RandomGenerator random) throws IOException {
    this.random = random;
    selector = Selector.open();
  }

  @Override
  public void listen(Endpoint at) throws IOException {
    DatagramChannel channel = open(at);
    try {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
      channel.bind(SocketAddresses.of(at.address(), at.device(), at.port()));
      channel.register(selector, SelectionKey.OP_READ, at);
      listening.put(at, channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static DatagramChannel open(Endpoint at) throws IOException {
    DatagramChannel channel =
        DatagramChannel.open(
            at.address().isV4() ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6);
    channel.configureBlocking(false);
    return channel;
  }

  @Override
  public void unlisten(Endpoint at) {
    DatagramChannel channel = listening.remove(at);
    if (channel != null) {
      close(channel);
    }
  }

  private static void close(Closeable each) {
    try {
      each.close();
    } catch (IOException e) {
      LOG.debug("closing failed", e);
    }
  }

  @Override
  public Outlet dial(Endpoint from, IpAddress to) throws IOException {
    DatagramChannel channel = open(from);
    try {
      channel.setOption(StandardSocketOptions.IP_TOS, NETWORK_CONTROL);
      bindSomewhere(channel, from);
      channel.connect(SocketAddresses.of(to, from.device(), from.port()));
      return new Way(channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private void bindSomewhere(DatagramChannel channel, Endpoint from) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        int port = random.nextInt(FIRST_PORT, LAST_PORT + 1);
        channel.bind(SocketAddresses.of(from.address(), from.device(), port));
        return;
      } catch (BindException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  @Override
  public void await(long nanos, Receiver receiver) throws IOException {
    if (nanos <= 0) {
      selector.selectNow();
    } else {
      selector.select((nanos + 999_999) / 1_000_000);
    }
    try {
      selector
          .selectedKeys()
          .forEach(key -> {
            if (key.isValid()
                && key.channel() instanceof DatagramChannel channel
                && key.attachment() instanceof Endpoint at) {
              read(channel, at, receiver);
            }
          });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      selector.selectedKeys().clear();
    }
  }

  private void read(DatagramChannel channel, Endpoint at, Receiver receiver) {
    try {
      for (int count = 0; count < MOST_AT_ONCE; count++) {
        buffer.clear();
        if (!(channel.receive(buffer) instanceof InetSocketAddress from)) {
          return;
        }
        IpAddress sender = SocketAddresses.address(from);
        receiver.packet(at, sender, UNKNOWN_TTL, buffer.array(), buffer.position());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void wake() {
    selector.wakeup();
  }

  @Override
  public void close() {
    listening.values().forEach(PlainBfdSockets::close);
    listening.clear();
    close(selector);
  }

  /** A socket that is connected, so that the kernel tells when nobody listens at the peer. */
  private record Way(DatagramChannel channel) implements Outlet {
    @Override
    public void send(byte[] packet) throws IOException {
      try {
        channel.write(ByteBuffer.wrap(packet));
      } catch (PortUnreachableException e) {
        // It is the packet before that nobody took; this one has not left.
        channel.write(ByteBuffer.wrap(packet));
        throw e;
      }
    }

    @Override
    public void close() {
      PlainBfdSockets.close(channel);
    }
  }
}
