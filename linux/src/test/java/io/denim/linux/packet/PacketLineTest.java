package io.denim.linux.packet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class PacketLineTest {
  private static final String ETH = "020000000002020000000001";
  private static final String ETH_TEXT = "eth 02:00:00:00:00:01 > 02:00:00:00:00:02; ";
  private static final String ECHO =
      ETH + "0800" + "4500001c000040004001" + "0000" + "0af40102" + "0af40202" + "0800000000070003";
  private static final String ECHO_TEXT =
      ETH_TEXT + "ip 10.244.1.2 > 10.244.2.2 ttl 64; icmp echo request 7 number 3";
  private static final String VXLAN =
      ETH
          + "0800"
          + "4500004e000000004011"
          + "0000"
          + "c0a8010b"
          + "c0a8020b"
          + "c0002118003a0000"
          + "0800000000000100"
          + ECHO;

  private static String line(String hex) {
    return PacketLine.of(HexFormat.of().parseHex(hex));
  }

  @Test
  void aPingIsShownWithItsNumbers() {
    assertThat(line(ECHO)).isEqualTo(ECHO_TEXT);
  }

  @Test
  void whatIsInsideVxlanIsShown() {
    assertThat(line(VXLAN))
        .isEqualTo(
            ETH_TEXT
                + "ip 192.168.1.11 > 192.168.2.11 ttl 64; udp 49152 > 8472; vxlan 1; "
                + ECHO_TEXT);
  }

  @Test
  void ipv6TcpAndArpAreShown() {
    var v6 =
        "6000000000083aff" + "fd000000000000000000000000000001fd000000000000000000000000000002";
    assertThat(line(ETH + "86dd" + v6 + "8100000000010002"))
        .isEqualTo(ETH_TEXT + "ip6 fd00::1 > fd00::2 hops 255; icmp6 echo reply 1 number 2");
    var tcp = "1f900050000000000000000050120000" + "00000000";
    assertThat(line(ETH + "0800" + "45000028000000004006" + "0000" + "0a0000010a000002" + tcp))
        .endsWith("; tcp 8080 > 80 [SA]");
    var arp = "0001080006040001" + "0200000000010a000001" + "0000000000000a000002";
    assertThat(line(ETH + "0806" + arp)).endsWith("; arp who has 10.0.0.2 asks 10.0.0.1");
  }

  @Test
  void aLaterFragmentHasNoPorts() {
    assertThat(
            line(
                ETH
                    + "0800"
                    + "4500001c000000b94011"
                    + "0000"
                    + "0a0000010a000002"
                    + "00".repeat(8)))
        .endsWith("ttl 64; fragment at 1480");
  }

  @Test
  void whatIsCutShortSaysSoAtEachLength() {
    byte[] whole = HexFormat.of().parseHex(VXLAN);
    for (int length = 0; length < whole.length; length++) {
      assertThat(PacketLine.of(Arrays.copyOf(whole, length)))
          .as(length + " octets")
          .satisfiesAnyOf(
              text -> assertThat(text).endsWith("cut short"),
              text -> assertThat(text).endsWith("udp 49152 > 8472"));
    }
  }
}
