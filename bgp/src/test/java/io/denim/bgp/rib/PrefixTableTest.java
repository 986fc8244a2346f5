package io.denim.bgp.rib;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Numbers for prefixes against a map. */
class PrefixTableTest {
  @Property(tries = 60)
  void aPrefixHasTheNumberThatItWasGivenUntilThatIsGivenBack(
      @ForAll long seed, @ForAll Family family) {
    Random random = new Random(seed);
    PrefixTable table = new PrefixTable(family, seed);
    Map<Cidr, Integer> numbers = new HashMap<>();
    List<Cidr> all = new ArrayList<>();
    for (int i = 0; i < 900; i++) {
      all.add(any(random, family));
    }
    for (int i = 0; i < 4000; i++) {
      Cidr prefix = all.get(random.nextInt(all.size()));
      IpAddress address = prefix.address();
      Integer known = numbers.get(prefix);
      if (known != null && random.nextInt(3) == 0) {
        table.remove(known);
        numbers.remove(prefix);
      } else {
        int number = table.add(address.high(), address.low(), prefix.length());
        assertThat(known == null || known == number).isTrue();
        numbers.put(prefix, number);
      }
    }

    assertThat(table.size()).isEqualTo(numbers.size());
    assertThat(numbers.values()).doesNotHaveDuplicates().allMatch(table::isUsed);
    for (Cidr prefix : all) {
      assertThat(table.find(prefix.address().high(), prefix.address().low(), prefix.length()))
          .isEqualTo(numbers.getOrDefault(prefix, -1));
    }
    numbers.forEach((prefix, number) -> assertThat(table.cidr(number)).isEqualTo(prefix));
  }

  private static Cidr any(Random random, Family family) {
    int length = random.nextInt(family.bits() + 1);
    IpAddress address =
        family == Family.IPV4
            ? IpAddress.v4(random.nextInt())
            : IpAddress.v6(random.nextLong(), random.nextLong());
    return Cidr.of(address, length);
  }

  @Test
  void aNumberThatWasGivenBackIsGivenOutAgain() {
    PrefixTable table = new PrefixTable(Family.IPV4, 1);
    int first = table.add(0, 1, 32);
    int second = table.add(0, 2, 32);
    table.remove(first);

    assertThat(table.isUsed(first)).isFalse();
    assertThat(table.add(0, 3, 32)).isEqualTo(first);
    assertThat(table.end()).isEqualTo(second + 1);
  }

  @Test
  void prefixesOfOneAddressAndDifferentLengthsAreDifferent() {
    PrefixTable table = new PrefixTable(Family.IPV6, 1);
    for (int length = 0; length <= 128; length++) {
      assertThat(table.add(0, 0, length)).isEqualTo(length);
    }

    assertThat(table.find(0, 0, 77)).isEqualTo(77);
  }

  @Test
  @Timeout(20)
  void prefixesThatOneMayChooseAreNotSearchedForLong() {
    PrefixTable table = new PrefixTable(Family.IPV6, 1);
    for (int k = 0; k < 200_000; k++) {
      var _ = table.add(0x2001_0db8_0000_0000L + k, 31L * (1_000_000 - k), 128);
    }

    assertThat(table.size()).isEqualTo(200_000);
  }

  @Test
  void aMillionPrefixesAreFoundAgain() {
    PrefixTable table = new PrefixTable(Family.IPV4, 1);
    for (int i = 0; i < 1_000_000; i++) {
      var _ = table.add(0, (long) i << 8, 24);
    }

    assertThat(table.size()).isEqualTo(1_000_000);
    for (int i = 0; i < 1_000_000; i += 997) {
      assertThat(table.find(0, (long) i << 8, 24)).isEqualTo(i);
    }
  }
}
