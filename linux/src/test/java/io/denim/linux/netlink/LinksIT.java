package io.denim.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.linux.ns.Namespace;
import io.denim.linux.ns.Sysctl;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What attaching a pod asks of links and routes. */
class LinksIT {

  private Namespace node;
  private Namespace pod;
  private Rtnetlink kernel;
  private int bridge;

  @BeforeEach
  void aBridge() {
    node = Namespace.create();
    pod = Namespace.create();
    kernel = Rtnetlink.open(node);
    kernel.execute(Links.create(Links.Spec.of("br0", new LinkKind.Bridge())));
    bridge = kernel.link("br0").orElseThrow().index();
  }

  @AfterEach
  void gone() {
    kernel.close();
    pod.close();
    node.close();
  }

  @ParameterizedTest
  @EnumSource
  void aParameterOfIpv4IsSetAsByItsFile(Ipv4Parameter parameter) {
    String path = "net/ipv4/conf/br0/" + parameter.fileName();
    Sysctl sysctl = Sysctl.of(node);
    String other = sysctl.read(path).orElseThrow().equals("0") ? "1" : "0";

    kernel.execute(Links.ipv4(bridge, parameter, Integer.parseInt(other)));

    assertThat(sysctl.read(path)).contains(other);
    assertThat(Ipv4Parameter.named(parameter.fileName())).contains(parameter);
  }

  private Request pair() {
    var kind = new LinkKind.VethPair("eth0", MacAddress.local(2), 1500, Optional.of(pod));
    return Links.create(Links.Spec.of("veth0", kind).mac(MacAddress.local(1)).master(bridge));
  }

  @Test
  void aPairIsMadeAPortByItsNameInTheSameSend() {
    assertThat(kernel.executeAll(List.of(pair(), Links.port("veth0", true, true)))).isEmpty();

    Link port = kernel.link("veth0").orElseThrow();
    assertThat(port.master()).isEqualTo(bridge);
    assertThat(port.hairpin()).isTrue();
    assertThat(port.isolated()).isTrue();
    try (Rtnetlink inside = Rtnetlink.open(pod)) {
      assertThat(inside.link("eth0")).isPresent();
    }
    kernel.execute(Links.port("veth0", false, false));
    assertThat(kernel.link("veth0").orElseThrow())
        .matches(link -> !link.hairpin() && !link.isolated());
  }

  @Test
  void aLinkIsMadePromiscuousAndBack() {
    kernel.execute(Links.promiscuous(bridge, true));
    assertThat(kernel.link(bridge).orElseThrow().promiscuous()).isTrue();
    kernel.execute(Links.promiscuous(bridge, false));
    assertThat(kernel.link(bridge).orElseThrow().promiscuous()).isFalse();
  }

  @Test
  void aRouteIsReadBackWithItsMetricsTableAndScope() {
    kernel.execute(Links.up(bridge));
    kernel.execute(LinkAddress.replace(bridge, InterfaceAddress.parse("10.0.0.1/24")));
    kernel.execute(LinkAddress.replace(bridge, InterfaceAddress.parse("fd00::1/64")));
    Route gateway =
        Route.via(Cidr.parse("10.9.0.0/16"), IpAddress.parse("10.0.0.7"), bridge, false, 68)
            .withMtu(1400)
            .withAdvmss(1200)
            .withTable(1234)
            .withMetric(77);
    Route link =
        Route.onLink(Cidr.parse("10.8.0.0/16"), bridge, 68)
            .withScope(Route.RT_SCOPE_LINK)
            .withAdvmss(1100);
    Route v6 = Route.onLink(Cidr.parse("fd09::/64"), bridge, 68).withAdvmss(1180).withTable(100);

    assertThat(kernel.executeAll(List.of(gateway.replace(), link.replace(), v6.replace())))
        .isEmpty();

    assertThat(kernel.routes(Family.IPV4, 1234)).containsExactly(gateway);
    assertThat(kernel.routes(Family.IPV4, Route.RT_TABLE_MAIN)).contains(link);
    assertThat(kernel.routes(Family.IPV6, 100)).containsExactly(v6);
    kernel.execute(gateway.delete());
    assertThat(kernel.routes(Family.IPV4, 1234)).isEmpty();
  }
}
