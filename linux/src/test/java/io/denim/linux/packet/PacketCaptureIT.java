package io.denim.linux.packet;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.linux.tun.TunDevice;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PacketCaptureIT {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  @TempDir Path directory;

  @Test
  void aPingToOneselfIsSeenAndTcpdumpReadsItFromTheFile() throws Exception {
    Path file = directory.resolve("lo.pcap");
    try (Namespace namespace = Namespace.create();
        Rtnetlink kernel = Rtnetlink.open(namespace)) {
      int lo = kernel.link("lo").orElseThrow().index();
      kernel.execute(Links.up(lo));
      try (PacketCapture capture = PacketCapture.open(namespace, lo);
          PcapFile pcap = PcapFile.create(file);
          IcmpEcho echo = IcmpEcho.open(namespace, Family.IPV4)) {
        assertThat(echo.ping(IpAddress.parse("127.0.0.1"), PATIENCE)).isPresent();
        PacketCapture.Frame frame = capture.next(PATIENCE).orElseThrow();
        assertThat(frame.outgoing()).isTrue();
        assertThat(PacketLine.of(frame.bytes()))
            .contains("ip 127.0.0.1 > 127.0.0.1 ttl 64; icmp echo request ");
        pcap.write(Instant.parse("2001-02-03T04:05:06.123456789Z"), frame.bytes());
      }
    }
    Process tcpdump =
        new ProcessBuilder("tcpdump", "--nano", "-n", "-tt", "-r", file.toString())
            .redirectErrorStream(true)
            .start();
    String text = new String(tcpdump.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(text)
        .contains("981173106.123456789 IP 127.0.0.1 > 127.0.0.1: ICMP echo request")
        .contains("length 64");
    assertThat(tcpdump.waitFor()).isZero();
  }

  @Test
  void aFrameOfALinkWithoutEthernetGetsAHeader() {
    try (Namespace namespace = Namespace.create();
        TunDevice _ = TunDevice.open(namespace, "tun7");
        Rtnetlink kernel = Rtnetlink.open(namespace)) {
      int index = kernel.link("tun7").orElseThrow().index();
      kernel.execute(LinkAddress.replace(index, InterfaceAddress.parse("10.9.0.1/24")));
      kernel.execute(Links.up(index));
      try (PacketCapture capture = PacketCapture.open(namespace, index);
          IcmpEcho echo = IcmpEcho.open(namespace, Family.IPV4)) {
        assertThat(echo.ping(IpAddress.parse("10.9.0.2"), Duration.ofMillis(1))).isEmpty();
        Optional<String> line = nextPing(capture);
        assertThat(line)
            .hasValueSatisfying(text ->
                assertThat(text)
                    .startsWith("eth 00:00:00:00:00:00 > 00:00:00:00:00:00; ip 10.9.0.1 > 10.9.0.2")
                    .contains("icmp echo request"));
      }
    }
  }

  /** A device that comes up also sends for IPv6. */
  private static Optional<String> nextPing(PacketCapture capture) {
    Optional<String> line = capture.next(PATIENCE).map(frame -> PacketLine.of(frame.bytes()));
    return line.isPresent() && !line.get().contains("; ip ") ? nextPing(capture) : line;
  }
}
