package io.denim.linux.packet;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

class PacketLineFuzzTest {
  @FuzzTest
  void anyOctetsBecomeOneLine(byte[] data) {
    assertThat(PacketLine.of(data)).isNotEmpty().doesNotContain("\n");
  }
}
