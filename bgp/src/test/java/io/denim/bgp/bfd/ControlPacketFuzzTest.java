package io.denim.bgp.bfd;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;

/** Whatever a datagram holds is a packet or is discarded. */
final class ControlPacketFuzzTest {
  @FuzzTest(maxDuration = "30s")
  void aDatagramIsAPacketOrDiscarded(byte[] data) {
    switch (ControlPacket.read(data, data.length)) {
      case Discard why -> assertThat(why.words()).isNotBlank();
      case ControlPacket packet -> {
        byte[] again = packet.encode();
        assertThat(ControlPacket.read(again, again.length)).isEqualTo(packet);
        // All but the claimed length and what follows it is kept.
        byte[] head = Arrays.copyOf(data, ControlPacket.LENGTH);
        head[3] = ControlPacket.LENGTH;
        assertThat(again).isEqualTo(head);
      }
    }
  }
}
