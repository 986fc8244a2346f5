package io.denim.linux.nft;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.denim.linux.netlink.Attributes;
import io.denim.linux.netlink.MalformedMessageException;
import java.util.TreeMap;

/** Whatever octets come, a decoder gives an object or says that they are malformed. */
class ExprFuzzTest {
  @FuzzTest
  void noSetBreaksTheDecoder(byte[] data) {
    try {
      Attributes message = Attributes.of(data, 0, 4, data.length);
      TableDecoder.decodeSet(message);
      TableDecoder.decodeElement(message, new TreeMap<>());
      TableDecoder.decodeHook(message);
    } catch (MalformedMessageException e) {
      // Said so.
    }
  }

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
