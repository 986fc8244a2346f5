package io.denim.linux.nft;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.denim.linux.netlink.Attributes;
import io.denim.linux.netlink.MalformedMessageException;

/** Whatever octets come, a decoder gives an object or says that they are malformed. */
class ExprFuzzTest {
  @FuzzTest
  void noRuleBreaksTheDecoder(byte[] data) {
    try {
      TableDecoder.decodeRule(Attributes.of(data, 0, 4, data.length));
    } catch (MalformedMessageException e) {
      // Said so.
    }
  }

  @FuzzTest
  void noForeignRuleBreaksTheDecoder(byte[] data) {
    try {
      ForeignRules.decode(Attributes.of(data, 0, 4, data.length));
    } catch (MalformedMessageException e) {
      // Said so.
    }
  }
}
