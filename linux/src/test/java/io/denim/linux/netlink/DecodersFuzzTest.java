package io.denim.linux.netlink;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Whatever octets come, a decoder gives an object or says that they are malformed. */
class DecodersFuzzTest {
  @FuzzTest
  void noMessageBreaksADecoder(byte[] data) {
    attempt(data, Link.HEADER, Link::decode);
    attempt(data, LinkAddress.HEADER, LinkAddress::decode);
    attempt(data, Route.HEADER, Route::decode);
    attempt(data, Neighbour.HEADER, Neighbour::decode);
    attempt(data, Neighbour.HEADER, FdbEntry::decode);
    attempt(data, Rule.HEADER, Rule::decode);
    attempt(data, Nexthop.HEADER, Nexthop::decode);
    attempt(data, Qdisc.HEADER, Qdisc::decode);
    attempt(data, Qdisc.HEADER, Redirect::decode);
  }

  private static void attempt(
      byte[] data, int header, java.util.function.Function<Attributes, Object> decoder) {
    try {
      var _ = decoder.apply(Attributes.of(data, 0, header, data.length));
    } catch (MalformedMessageException e) {
      // Said so.
    }
  }
}
