package io.denim.linux.conntrack;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.denim.linux.netlink.Attributes;
import io.denim.linux.netlink.MalformedMessageException;

/** Whatever octets come, the decoder gives an entry or says that they are malformed. */
class FlowFuzzTest {
  @FuzzTest
  void noEntryBreaksTheDecoder(byte[] data) {
    try {
      Flow.decode(Attributes.of(data, 0, 4, data.length));
    } catch (MalformedMessageException e) {
      // Said so.
    }
  }
}
