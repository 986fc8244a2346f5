package io.denim.bgp.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.net.IpAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SocketAddressesTest {
  private static final IpAddress LINK_LOCAL = IpAddress.parse("fe80::1");

  @Test
  void aLinkLocalAddressGoesThereAndBackWithItsInterface() throws IOException {
    InetSocketAddress socket = SocketAddresses.of(LINK_LOCAL, Optional.of("lo"), 179);

    assertThat(socket.getPort()).isEqualTo(179);
    assertThat(SocketAddresses.address(socket)).isEqualTo(LINK_LOCAL);
    assertThat(SocketAddresses.device(socket)).contains("lo");
  }

  @Test
  void othersHaveNoInterface() throws IOException {
    IpAddress global = IpAddress.parse("fd00::1");

    assertThat(SocketAddresses.device(SocketAddresses.of(global, Optional.of("none"), 1)))
        .isEmpty();
    assertThat(SocketAddresses.device(SocketAddresses.of(LINK_LOCAL, 1))).isEmpty();
    assertThat(SocketAddresses.address(SocketAddresses.of(global, 1))).isEqualTo(global);
  }

  @Test
  void anInterfaceThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> SocketAddresses.of(LINK_LOCAL, Optional.of("none"), 1))
        .isInstanceOf(IOException.class)
        .hasMessage("there is no interface none, or it has no address");
  }
}
