package io.denim.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.model.BackendData;
import io.denim.model.FlannelLease;
import io.denim.model.LeaseRecord;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import io.denim.state.Peer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class RememberedTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @Provide
  Arbitrary<Remembered> networks() {
    return Combinators.combine(
            texts(60),
            peers(),
            peers().list().ofMaxSize(4),
            Arbitraries.longs().between(0, 86_400_000))
        .as((config, own, peers, age) ->
            new Remembered(
                NOW.minusMillis(age),
                config,
                new LeaseRecord(own.subnetV4(), own.subnetV6(), own.lease()),
                own.name(),
                peers));
  }

  private static Arbitrary<String> texts(int longest) {
    return Arbitraries.strings()
        .ascii()
        .withChars('\u0000', '"', '\\', '\u2028', '\u00e4', '\ufffd')
        .ofMaxLength(longest);
  }

  private static Arbitrary<Peer> peers() {
    Arbitrary<Optional<IpAddress>> v6 =
        Arbitraries.longs().map(low -> IpAddress.v6(0xfd00_0000_0000_0000L, low)).optional();
    Arbitrary<Optional<BackendData>> data =
        Combinators.combine(Arbitraries.integers().between(-1, 9), Arbitraries.longs())
            .as((vni, mac) ->
                (BackendData)
                    new BackendData.Vxlan(
                        vni < 0 ? OptionalInt.empty() : OptionalInt.of(vni), MacAddress.local(mac)))
            .optional();
    Arbitrary<FlannelLease> leases =
        Combinators.combine(Arbitraries.integers().map(IpAddress::v4), v6, data, data)
            .as((v4, v6Address, d4, d6) -> new FlannelLease(v4, v6Address, "vxlan", d4, d6));
    Arbitrary<Cidr> v4Subnet = Arbitraries.integers().map(bits -> Cidr.of(IpAddress.v4(bits), 24));
    Arbitrary<Cidr> v6Subnet = Arbitraries.longs().map(high -> Cidr.of(IpAddress.v6(high, 0), 64));
    return Combinators.combine(texts(12), v4Subnet.optional(), v6Subnet, leases)
        .as((name, four, six, lease) -> new Peer(name, four, Optional.of(six), lease));
  }

  @Property(tries = 300)
  void whatIsWrittenIsReadBack(@ForAll("networks") Remembered network) {
    assertThat(Remembered.parse(network.bytes())).isEqualTo(network);
  }

  @Property(tries = 20)
  void itIsGoodForADayWhicheverWayTheClockWasSet(@ForAll("networks") Remembered network) {
    Duration day = Remembered.GOOD_FOR;
    assertThat(network.isGood(network.at().plus(day))).isTrue();
    assertThat(network.isGood(network.at().minus(day))).isTrue();
    assertThat(network.isGood(network.at().plus(day).plusMillis(1))).isFalse();
    assertThat(network.isGood(network.at().minus(day).minusMillis(1))).isFalse();
  }

  @Test
  void aTextThatLacksSomethingIsRefused() {
    String whole = new String(sample().bytes(), StandardCharsets.UTF_8);
    List<String> bad =
        List.of(
            "",
            "null",
            "[]",
            whole.substring(0, whole.length() / 2),
            whole.replace("\"at\"", "\"when\""),
            whole.replace("\"own\"", "\"mine\""),
            whole.replace("\"peers\"", "\"others\""),
            whole.replace("\"peers\":[{", "\"peers\":[null,{"),
            whole.replace("2026-01-01", "2026-13-01"),
            whole.replace("10.244.2.0/24", "fd00::/64"),
            whole.replace("10.244.2.0/24", "10.244.2.0/33"),
            whole.replace("192.168.1.2", "192.168.1"));
    for (String text : bad) {
      assertThatThrownBy(() -> Remembered.parse(text.getBytes(StandardCharsets.UTF_8)))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  static Remembered sample() {
    FlannelLease lease = FlannelLease.of(IpAddress.parse("192.168.1.2"));
    return new Remembered(
        NOW,
        "{}",
        new LeaseRecord(Optional.of(Cidr.parse("10.244.1.0/24")), Optional.empty(), lease),
        "subnets/10.244.1.0-24",
        List.of(new Peer("n2", Optional.of(Cidr.parse("10.244.2.0/24")), Optional.empty(), lease)));
  }
}
