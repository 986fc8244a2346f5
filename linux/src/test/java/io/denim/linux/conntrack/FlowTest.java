package io.denim.linux.conntrack;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.linux.netlink.Attributes;
import io.denim.linux.netlink.MessageWriter;
import io.denim.net.IpAddress;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class FlowTest {
  private static Attributes written(java.util.function.Consumer<MessageWriter> body) {
    MessageWriter writer = new MessageWriter(64);
    body.accept(writer);
    byte[] octets = writer.toArray();
    return Attributes.of(octets, 0, 0, octets.length);
  }

  @Property
  boolean everyTupleIsReadBackAsItWasWritten(
      @ForAll long high,
      @ForAll long low,
      @ForAll boolean v4,
      @ForAll @IntRange(max = 255) int protocol,
      @ForAll @IntRange(max = 65_535) int source,
      @ForAll @IntRange(max = 65_535) int destination) {
    Tuple tuple =
        new Tuple(
            v4 ? IpAddress.v4((int) high) : IpAddress.v6(high, low),
            v4 ? IpAddress.v4((int) low) : IpAddress.v6(low, high),
            protocol,
            source,
            destination);
    return written(w -> tuple.encode(1, w))
        .get(1)
        .flatMap(Tuple::decode)
        .equals(Optional.of(tuple));
  }

  @Test
  void anEntryWithoutAddressesIsNone() {
    assertThat(Flow.decode(written(w -> Tuple.encodeProtocol(1, Tuple.UDP, w)))).isEmpty();
  }

  @Test
  void aTargetNamesItsPortAtItsAddressOrAtAny() {
    IpAddress here = IpAddress.parse("192.0.2.1");
    Tuple tuple = new Tuple(IpAddress.parse("192.0.2.2"), here, Tuple.UDP, 1, 53);
    assertThat(new Conntrack.Target(Optional.empty(), 53).names(tuple)).isTrue();
    assertThat(new Conntrack.Target(Optional.of(here), 53).names(tuple)).isTrue();
    assertThat(new Conntrack.Target(Optional.of(tuple.source()), 53).names(tuple)).isFalse();
    assertThat(new Conntrack.Target(Optional.empty(), 1).names(tuple)).isFalse();
  }
}
