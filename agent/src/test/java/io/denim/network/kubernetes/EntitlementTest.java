package io.denim.network.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.model.InvalidConfigException;
import io.denim.net.Cidr;
import io.denim.network.NotYetException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EntitlementTest {
  private static Entitlement of(String netConf, String... cidrs) {
    return Entitlement.of(
        "n1",
        Member.config(netConf),
        PodCidrs.of(List.of(cidrs)),
        Member.dualVxlan("192.168.64.3", "fd00::3"));
  }

  @Test
  void aNodeHasWhatKubernetesGaveIt() {
    Entitlement both = of(Member.DUAL_NET_CONF, "10.244.1.0/24", "fd00:10:244:1::/64");

    assertThat(both.record().v4()).contains(Cidr.parse("10.244.1.0/24"));
    assertThat(both.record().v6()).contains(Cidr.parse("fd00:10:244:1::/64"));
    assertThat(both.problem()).isEmpty();
  }

  @Test
  void aFamilyThatTheNetworkDoesNotHaveIsLeftOut() {
    Entitlement v4 = of(Member.NET_CONF, "10.244.1.0/24", "fd00:10:244:1::/64");

    assertThat(v4.record().v6()).isEmpty();
    assertThat(v4.problem()).isEmpty();
  }

  @Test
  void aFamilyThatTheNodeDoesNotHaveIsTold() {
    Entitlement v4 = of(Member.DUAL_NET_CONF, "10.244.1.0/24");

    assertThat(v4.record().v4()).isPresent();
    assertThat(v4.problem().orElseThrow()).contains("no IPv6 podCIDR", "--cluster-cidr");
  }

  @Test
  void withoutAnyItIsNotYet() {
    assertThatThrownBy(() -> of(Member.NET_CONF))
        .isInstanceOf(NotYetException.class)
        .hasMessageContaining("--allocate-node-cidrs");
  }

  @Test
  void withTheWrongFamilyAloneItIsNever() {
    assertThatThrownBy(() -> of(Member.NET_CONF, "fd00:10:244:1::/64"))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("EnableIPv6");
  }

  @Test
  void whatIsOutsideTheNetworkIsRefused() {
    assertThatThrownBy(() -> of(Member.NET_CONF, "10.244.0.0/15"))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("doesn't contain \"10.244.0.0/15\" PodCIDR of the \"n1\" node");
    assertThatThrownBy(() -> of(Member.DUAL_NET_CONF, "10.244.1.0/24", "fd01::/64"))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("IPv6Network");
    assertThat(of(Member.NET_CONF, "10.244.0.0/16").record().v4()).isPresent();
  }
}
