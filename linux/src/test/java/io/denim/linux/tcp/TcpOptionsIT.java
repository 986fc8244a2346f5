package io.denim.linux.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real connections over loopback. */
class TcpOptionsIT {
  private static ServerSocketChannel listen(IpAddress address) throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open(family(address));
    listener.bind(socketAddress(address, 0));
    return listener;
  }

  private static SocketChannel bound(IpAddress address) throws IOException {
    SocketChannel channel = SocketChannel.open(family(address));
    channel.bind(socketAddress(address, 0));
    return channel;
  }

  private static void dial(SocketChannel channel, ServerSocketChannel listener) throws IOException {
    channel.socket().connect(listener.getLocalAddress(), 500);
  }

  private static StandardProtocolFamily family(IpAddress address) {
    return address.isV4() ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
  }

  private static InetSocketAddress socketAddress(IpAddress address, int port) throws IOException {
    return new InetSocketAddress(InetAddress.getByAddress(address.bytes()), port);
  }

  private static void assertThatItCarries(SocketChannel from, SocketChannel to) throws IOException {
    from.write(ByteBuffer.wrap(new byte[] {7}));
    ByteBuffer read = ByteBuffer.allocate(1);
    assertThat(to.read(read)).isEqualTo(1);
    assertThat(read.get(0)).isEqualTo((byte) 7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void theSamePasswordOnBothSidesConnects(String text) throws IOException {
    IpAddress address = IpAddress.parse(text);
    try (ServerSocketChannel listener = listen(address);
        SocketChannel channel = bound(address)) {
      TcpOptions.of(listener).sign(address, "secret");
      TcpOptions.of(channel).sign(address, "secret");

      dial(channel, listener);

      try (SocketChannel accepted = listener.accept()) {
        assertThatItCarries(channel, accepted);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void anotherPasswordIsNotHeard(String text) throws IOException {
    IpAddress address = IpAddress.parse(text);
    try (ServerSocketChannel listener = listen(address);
        SocketChannel channel = bound(address)) {
      TcpOptions.of(listener).sign(address, "secret");
      TcpOptions.of(channel).sign(address, "another");

      assertThatThrownBy(() -> dial(channel, listener)).isInstanceOf(SocketTimeoutException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void aPasswordIsChangedWhileTheConnectionIsUp(String text) throws IOException {
    IpAddress address = IpAddress.parse(text);
    try (ServerSocketChannel listener = listen(address);
        SocketChannel channel = bound(address)) {
      TcpOptions.of(listener).sign(address, "secret");
      TcpOptions.of(channel).sign(address, "secret");
      dial(channel, listener);
      try (SocketChannel accepted = listener.accept()) {
        TcpOptions.of(accepted).sign(address, "new");
        TcpOptions.of(channel).sign(address, "new");

        assertThatItCarries(channel, accepted);
        assertThatItCarries(accepted, channel);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void aPasswordThatIsTakenAwayIsNotAskedForAnyMore(String text) throws IOException {
    IpAddress address = IpAddress.parse(text);
    try (ServerSocketChannel listener = listen(address);
        SocketChannel channel = bound(address)) {
      TcpOptions.of(listener).sign(address, "secret");
      TcpOptions.of(listener).sign(address, "");
      TcpOptions.of(listener).sign(address, "");

      dial(channel, listener);

      assertThat(channel.isConnected()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void whoIsTooFarAwayIsNotHeard(String text) throws IOException {
    IpAddress address = IpAddress.parse(text);
    try (ServerSocketChannel listener = listen(address);
        SocketChannel near = bound(address);
        SocketChannel far = bound(address)) {
      TcpOptions.of(listener).leastTtl(255);
      TcpOptions.of(near).ttl(255);
      TcpOptions.of(far).ttl(254);

      dial(near, listener);

      assertThat(near.isConnected()).isTrue();
      assertThatThrownBy(() -> dial(far, listener)).isInstanceOf(SocketTimeoutException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1, 127.0.0.0/24", "::1, ::/64"})
  void allOfARangeHaveItsPassword(String text, String range) throws IOException {
    IpAddress address = IpAddress.parse(text);
    try (ServerSocketChannel listener = listen(address);
        SocketChannel right = bound(address);
        SocketChannel unsigned = bound(address)) {
      TcpOptions.of(listener).sign(Cidr.parse(range), "secret");
      TcpOptions.of(right).sign(address, "secret");

      dial(right, listener);

      try (SocketChannel accepted = listener.accept()) {
        assertThatItCarries(right, accepted);
      }
      assertThatThrownBy(() -> dial(unsigned, listener)).isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void oneOfARangeMayHaveAnotherPassword() throws IOException {
    IpAddress address = IpAddress.parse("127.0.0.1");
    try (ServerSocketChannel listener = listen(address);
        SocketChannel channel = bound(address)) {
      TcpOptions.of(listener).sign(Cidr.parse("127.0.0.0/24"), "secret");
      TcpOptions.of(listener).sign(address, "own");
      TcpOptions.of(channel).sign(address, "own");

      dial(channel, listener);

      assertThat(channel.isConnected()).isTrue();
    }
  }

  @Test
  void aRangeThatHasNoPasswordAnyMoreIsNotAskedForOne() throws IOException {
    IpAddress address = IpAddress.parse("127.0.0.1");
    try (ServerSocketChannel listener = listen(address);
        SocketChannel channel = bound(address)) {
      TcpOptions.of(listener).sign(Cidr.parse("127.0.0.0/24"), "secret");
      TcpOptions.of(listener).sign(Cidr.parse("127.0.0.0/24"), "");

      dial(channel, listener);

      assertThat(channel.isConnected()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1/32", "127.0.0.0/24"})
  void whoDialsAllAddressesOfIpv6ByIpv4HasToSign(String peers) throws IOException {
    IpAddress address = IpAddress.parse("127.0.0.1");
    try (ServerSocketChannel listener = listen(IpAddress.ANY_V6);
        SocketChannel right = bound(address);
        SocketChannel unsigned = bound(address)) {
      int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
      TcpOptions.of(listener).sign(Cidr.parse(peers), "secret");
      TcpOptions.of(right).sign(address, "secret");

      right.socket().connect(socketAddress(address, port), 500);

      try (SocketChannel accepted = listener.accept()) {
        TcpOptions.of(accepted).sign(address, "new");
        TcpOptions.of(right).sign(address, "new");
        assertThatItCarries(right, accepted);
      }
      assertThatThrownBy(() -> unsigned.socket().connect(socketAddress(address, port), 500))
          .isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void whoIsTooFarAwayIsNotHeardByIpv4EitherWhereAllOfIpv6IsDialled() throws IOException {
    IpAddress address = IpAddress.parse("127.0.0.1");
    try (ServerSocketChannel listener = listen(IpAddress.ANY_V6);
        SocketChannel near = bound(address);
        SocketChannel far = bound(address)) {
      int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
      TcpOptions.of(listener).leastTtl(255);
      TcpOptions.of(near).ttl(255);
      TcpOptions.of(far).ttl(254);

      near.socket().connect(socketAddress(address, port), 500);

      assertThat(near.isConnected()).isTrue();
      assertThatThrownBy(() -> far.socket().connect(socketAddress(address, port), 500))
          .isInstanceOf(SocketTimeoutException.class);
    }
  }
}
