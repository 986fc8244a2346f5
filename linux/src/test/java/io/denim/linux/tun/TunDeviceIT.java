package io.denim.linux.tun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.linux.packet.IcmpEcho;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class TunDeviceIT {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  @Test
  void aPingGoesOutByTheDeviceAndItsAnswerComesIn() throws Exception {
    try (Namespace namespace = Namespace.create();
        TunDevice tun = TunDevice.open(namespace, "tun7");
        Rtnetlink kernel = Rtnetlink.open(namespace);
        IcmpEcho echo = IcmpEcho.open(namespace, Family.IPV4)) {
      int index = kernel.link("tun7").orElseThrow().index();
      kernel.execute(LinkAddress.replace(index, InterfaceAddress.parse("10.9.0.1/24")));
      kernel.execute(Links.up(index));
      CompletableFuture<Optional<Duration>> answer =
          CompletableFuture.supplyAsync(() -> echo.ping(IpAddress.parse("10.9.0.2"), PATIENCE));

      byte[] request = nextIpv4(tun);
      byte[] reply = request.clone();
      System.arraycopy(request, 12, reply, 16, 4);
      System.arraycopy(request, 16, reply, 12, 4);
      reply[20] = 0;
      // The type went from 8 to 0, so the checksum goes up by 0x0800 (RFC 1624).
      int sum = ((reply[22] & 0xff) << 8 | (reply[23] & 0xff)) + 0x0800;
      sum = (sum & 0xffff) + (sum >>> 16);
      reply[22] = (byte) (sum >>> 8);
      reply[23] = (byte) sum;
      tun.write(reply);

      assertThat(answer.get()).isPresent();
      assertThat(kernel.link("tun7").orElseThrow().kind())
          .isEqualTo(new LinkKind.Tun(false, false, false));
    }
  }

  private static byte[] nextIpv4(TunDevice tun) {
    while (true) {
      byte[] packet = tun.read(PATIENCE).orElseThrow();
      if (packet[0] >>> 4 == 4) {
        return Arrays.copyOf(packet, packet.length);
      }
    }
  }

  @Test
  void aPersistentDeviceStaysAndIsTakenHoldOfAgain() {
    try (Namespace namespace = Namespace.create();
        Rtnetlink kernel = Rtnetlink.open(namespace)) {
      try (TunDevice tun = TunDevice.open(namespace, "tun7")) {
        tun.persist(true);
        assertThatThrownBy(() -> TunDevice.open(namespace, "tun7"))
            .hasMessageContaining("cannot make tun device tun7: EBUSY");
      }
      assertThat(kernel.link("tun7")).isPresent();
      TunDevice.open(namespace, "tun7").close();
      assertThat(kernel.link("tun7")).isPresent();
    }
  }
}
