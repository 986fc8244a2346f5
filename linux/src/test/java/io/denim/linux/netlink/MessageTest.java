package io.denim.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.time.Duration;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MessageTest {
  private static Attributes encoded(Request request, int header) {
    MessageWriter writer = new MessageWriter(64);
    request.encode(writer);
    byte[] body = writer.toArray();
    return Attributes.of(body, 0, header, body.length);
  }

  @Property
  boolean everyRouteIsReadBackAsItWasWritten(
      @ForAll int address,
      @ForAll @IntRange(max = 32) int length,
      @ForAll int gateway,
      @ForAll @IntRange(min = 1) int oif,
      @ForAll boolean onlink,
      @ForAll @IntRange(max = 9000) int mtu,
      @ForAll @IntRange(max = 255) int protocol) {
    Route route =
        Route.via(
                Cidr.of(IpAddress.v4(address), length),
                IpAddress.v4(gateway),
                oif,
                onlink,
                protocol)
            .withMtu(mtu)
            .withAdvmss(mtu / 2)
            .withMetric(7);
    return Route.decode(encoded(route.replace(), Route.HEADER)).equals(Optional.of(route));
  }

  @Property
  boolean everyNeighbourIsReadBackAsItWasWritten(
      @ForAll int index, @ForAll long high, @ForAll long low, @ForAll long mac) {
    MacAddress address = MacAddress.local(mac);
    Neighbour neighbour =
        new Neighbour(
            index, IpAddress.v6(high, low), Optional.of(address), Neighbour.NUD_PERMANENT);
    Request request = Neighbour.replace(index, neighbour.address(), address);
    return Neighbour.decode(encoded(request, Neighbour.HEADER)).equals(Optional.of(neighbour));
  }

  @Property
  boolean everyRedirectIsReadBackAsItWasWritten(@ForAll int from, @ForAll int to) {
    Redirect redirect = new Redirect(from, to);
    return Redirect.decode(encoded(redirect.create(), Qdisc.HEADER)).equals(Optional.of(redirect));
  }

  @Test
  void theLimitOfATokenBucketIsWhatLeavesWithinTheLatencyAndTheBurst() {
    assertThat(Qdisc.Tbf.of(1_000_000, 32_000, Duration.ofMillis(25)).limit()).isEqualTo(57_000);
    assertThat(Qdisc.Tbf.of(1L << 40, 32_000, Duration.ofMillis(25)).limit())
        .isEqualTo(0xffffffffL);
    assertThatThrownBy(() -> Qdisc.Tbf.of(1_000_000, 1L << 32, Duration.ofMillis(25)))
        .hasMessageContaining("cannot limit to 1000000 octets a second with a burst of 4294967296");
  }

  @Property
  boolean everyAttributeIsReadBack(@ForAll byte[] value, @ForAll @IntRange(max = 16383) int type) {
    MessageWriter writer = new MessageWriter(0);
    writer.attr(type, value).attrU32(type, 5).attr(type, value);
    byte[] octets = writer.toArray();
    return java.util.Arrays.equals(
        Attributes.of(octets, 0, 0, octets.length).get(type).orElseThrow().bytes(), value);
  }

  @Test
  void anAttributeThatIsTooLongIsRefusedWithItsNumber() {
    assertThatThrownBy(() -> new MessageWriter(0).attr(18, new byte[65_532]))
        .hasMessage("netlink attribute 18 has 65536 octets; allowed: 65535");
  }

  @Test
  void whatIsCutShortIsMalformed() {
    byte[] octets = {8, 0, 1, 0, 1};
    assertThatThrownBy(() -> Attributes.of(octets, 0, 0, octets.length).get(1))
        .isInstanceOf(MalformedMessageException.class);
    assertThatThrownBy(() -> Attributes.of(octets, 0, 16, octets.length))
        .isInstanceOf(MalformedMessageException.class);
    byte[] small = {5, 0, 1, 0, 1};
    Attributes value = Attributes.of(small, 0, 0, small.length).get(1).orElseThrow();
    assertThat(value.u8()).isEqualTo(1);
    assertThatThrownBy(value::u32).isInstanceOf(MalformedMessageException.class);
  }
}
