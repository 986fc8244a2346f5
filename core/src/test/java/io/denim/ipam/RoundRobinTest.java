package io.denim.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RoundRobinTest {
  private static List<String> walk(List<AddressRange> ranges, Optional<String> last) {
    RoundRobin walk = new RoundRobin(ranges, last.map(IpAddress::parse));
    List<String> found = new ArrayList<>();
    Optional<IpAddress> next = walk.next(Set.of());
    while (next.isPresent()) {
      found.add(next.get().toString());
      next = walk.next(Set.of());
    }
    return found;
  }

  private static List<AddressRange> all(String... subnets) {
    return List.of(subnets).stream().map(Cidr::parse).map(AddressRange::of).toList();
  }

  @Test
  void theGatewayTheNetworkAndTheBroadcastAddressAreLeftOut() {
    assertThat(walk(all("10.0.0.0/29"), Optional.empty()))
        .containsExactly("10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6");
  }

  @Test
  void theWalkBeginsAfterTheLastAndGoesRound() {
    assertThat(walk(all("10.0.0.0/29"), Optional.of("10.0.0.4")))
        .containsExactly("10.0.0.5", "10.0.0.6", "10.0.0.2", "10.0.0.3", "10.0.0.4");
    assertThat(walk(all("10.0.0.0/29"), Optional.of("10.0.0.6")))
        .containsExactly("10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6");
  }

  @Test
  void aLastAddressOfElsewhereIsIgnored() {
    assertThat(walk(all("10.0.0.0/30"), Optional.of("10.9.0.4"))).containsExactly("10.0.0.2");
  }

  @Test
  void severalRangesAreWalkedOneAfterTheOther() {
    assertThat(walk(all("10.0.0.0/30", "fd00::/126"), Optional.of("10.0.0.2")))
        .containsExactly("fd00::2", "fd00::3", "10.0.0.2");
  }

  @Property
  void eachAddressComesOnce(@ForAll @IntRange(min = 1, max = 254) int last) {
    List<String> walked = walk(all("10.0.0.0/24"), Optional.of("10.0.0." + last));

    assertThat(new HashSet<>(walked)).hasSize(253).hasSameSizeAs(walked);
    assertThat(walked).doesNotContain("10.0.0.0", "10.0.0.1", "10.0.0.255");
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.0/31", "10.0.0.0/32", "fd00::/127", "fd00::/128"})
  void aSubnetWithoutRoomIsRefused(String subnet) {
    assertThatThrownBy(() -> all(subnet)).hasMessageContaining("is too small for pods");
  }
}
