package io.denim.bgp.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrefixSetTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 8, 8",
    "10.0.0.0/8 ge 24, 24, 32",
    "10.0.0.0/8 le 24, 8, 24",
    "10.0.0.0/8 ge 16 le 24, 16, 24",
    "fd00::/48 ge 64, 64, 128",
    "0.0.0.0/0 le 32, 0, 32"
  })
  void aMatchIsReadAndWritten(String text, int min, int max) {
    PrefixMatch match = PrefixMatch.parse(text);

    assertThat(match.min()).isEqualTo(min);
    assertThat(match.max()).isEqualTo(max);
    assertThat(match).hasToString(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "10.0.0.0 | \"10.0.0.0\" is not a CIDR; allowed: such as 10.244.0.0/16 or fd00:10::/48",
        "10.0.0.1/8 | \"10.0.0.1/8\" has host bits set; allowed: 10.0.0.0/8",
        "10.0.0.0/8 ge 4 | the lengths inside 10.0.0.0/8 are 8 to 32 in ascending order, got 4 to"
            + " 32",
        "10.0.0.0/8 ge 24 le 16 | the lengths inside 10.0.0.0/8 are 8 to 32 in ascending order, got"
            + " 24 to 16",
        "10.0.0.0/8 le 33 | the lengths inside 10.0.0.0/8 are 8 to 32 in ascending order, got 8 to"
            + " 33",
        "10.0.0.0/8 gt 3 | \"10.0.0.0/8 gt 3\" is no match of prefixes; allowed: such as 10.0.0.0/8"
            + " (exactly), 10.0.0.0/8 ge 24, 10.0.0.0/8 le 24 or 10.0.0.0/8 ge 16 le 24"
      })
  void whatIsNoMatchIsRefused(String text, String message) {
    assertThatThrownBy(() -> PrefixMatch.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void theOrderAndRepetitionOfMatchesDoNotCount() {
    PrefixMatch a = PrefixMatch.parse("10.0.0.0/8");
    PrefixMatch b = PrefixMatch.within(Cidr.parse("fd00::/8"));

    assertThat(PrefixSet.of(a, b, a))
        .isEqualTo(PrefixSet.of(b, a))
        .hasSameHashCodeAs(PrefixSet.of(b, a))
        .isNotEqualTo(PrefixSet.of(a))
        .hasToString("[10.0.0.0/8, fd00::/8 le 128]");
  }

  @Property(tries = 300)
  void aSetContainsWhatOneOfItsMatchesDoes(@ForAll long seed) {
    Random random = new Random(seed);
    List<PrefixMatch> matches = new ArrayList<>();
    for (int i = random.nextInt(60); i >= 0; i--) {
      Cidr prefix = prefix(random);
      int bits = prefix.family().bits();
      int min = prefix.length() + random.nextInt(bits - prefix.length() + 1);
      matches.add(new PrefixMatch(prefix, min, min + random.nextInt(bits - min + 1)));
    }
    PrefixSet set = PrefixSet.of(matches);

    for (int i = 0; i < 200; i++) {
      Cidr asked = i % 2 == 0 ? prefix(random) : inside(matches, random);
      assertThat(set.contains(asked))
          .as("%s in %s", asked, set)
          .isEqualTo(matches.stream().anyMatch(match -> match.matches(asked)));
    }
  }

  /** A prefix that lies inside of one of the matches, of any length. */
  private static Cidr inside(List<PrefixMatch> matches, Random random) {
    Cidr outer = matches.get(random.nextInt(matches.size())).prefix();
    int bits = outer.family().bits();
    return Cidr.of(outer.address(), outer.length() + random.nextInt(bits - outer.length() + 1));
  }

  private static Cidr prefix(Random random) {
    boolean v4 = random.nextBoolean();
    int nibble = random.nextInt(4);
    IpAddress address =
        v4
            ? IpAddress.v4(0x0a00_0000 | nibble << 20 | random.nextInt(4) << 6)
            : IpAddress.v6(0xfd00_0000_0000_0000L | nibble, (long) random.nextInt(4) << 62);
    return Cidr.of(address, random.nextInt(address.family().bits() + 1));
  }

  @Test
  void thousandsOfPrefixesAreFound() {
    List<PrefixMatch> matches = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      matches.add(PrefixMatch.exactly(Cidr.host(IpAddress.v4(i << 8))));
    }

    PrefixSet set = PrefixSet.of(matches);

    for (int i = 0; i < 5000; i++) {
      assertThat(set.contains(Cidr.host(IpAddress.v4(i << 8)))).isTrue();
      assertThat(set.contains(Cidr.host(IpAddress.v4(i << 8 | 1)))).isFalse();
    }
    assertThat(PrefixSet.of().contains(Cidr.ALL_V6)).isFalse();
  }
}
