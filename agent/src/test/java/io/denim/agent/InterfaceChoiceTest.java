package io.denim.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.agent.AgentOptions.InterfaceOptions;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Route;
import io.denim.model.FlannelConfig;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InterfaceChoiceTest {
  private static final FlannelConfig CONFIG =
      FlannelConfig.parse("{\"Network\":\"10.244.0.0/16\",\"Backend\":{\"Type\":\"vxlan\"}}");

  private static Link link(int index, String name) {
    return new Link(
        index,
        name,
        new LinkKind.Other(""),
        Optional.of(MacAddress.local(index)),
        1500,
        true,
        true,
        0,
        0,
        "",
        0,
        false);
  }

  private static LinkAddress address(int index, String text) {
    return new LinkAddress(index, InterfaceAddress.parse(text), 0, LinkAddress.IFA_F_PERMANENT);
  }

  private static final InterfaceChoice.Host HOST =
      new InterfaceChoice.Host(
          List.of(link(1, "lo"), link(2, "eth0"), link(3, "eth1")),
          List.of(
              address(1, "127.0.0.1/8"),
              address(2, "169.254.7.7/16"),
              address(2, "10.0.2.15/24"),
              address(3, "192.168.1.5/24"),
              address(3, "192.168.1.6/24")),
          List.of(
              Route.via(Cidr.ALL_V4, IpAddress.parse("192.168.1.1"), 3, false, 3).withMetric(200),
              Route.via(Cidr.ALL_V4, IpAddress.parse("10.0.2.2"), 2, false, 3).withMetric(100)));

  private static InterfaceOptions options(List<String> names, List<String> regexes) {
    return new InterfaceOptions(
        names, regexes, Optional.empty(), Optional.empty(), Optional.empty());
  }

  private static InterfaceChoice choose(InterfaceOptions options) {
    return InterfaceChoice.choose(options, CONFIG, HOST, _ -> Optional.empty());
  }

  private static String own(InterfaceChoice choice) {
    return choice.device() + " " + choice.own().get(Family.IPV4);
  }

  @Test
  void withoutAWordItIsTheDeviceOfTheBestDefaultRouteAndItsGlobalAddress() {
    assertThat(own(choose(InterfaceOptions.BY_DEFAULT_ROUTE))).isEqualTo("eth0 10.0.2.15");
  }

  @Test
  void aNameAnAddressAndARegexAreTriedInThisOrder() {
    assertThat(own(choose(options(List.of("nothing", "eth1"), List.of()))))
        .isEqualTo("eth1 192.168.1.5");
    assertThat(own(choose(options(List.of("192.168.1.6"), List.of()))))
        .isEqualTo("eth1 192.168.1.6");
    assertThat(own(choose(options(List.of("nothing"), List.of("^192\\.168\\.")))))
        .isEqualTo("eth1 192.168.1.5");
    assertThat(own(choose(options(List.of(), List.of("eth1"))))).isEqualTo("eth1 192.168.1.5");
  }

  @Test
  void whatMatchesNothingFailsAndSaysWhatThereIs() {
    assertThatThrownBy(() -> choose(options(List.of("eth9"), List.of())))
        .isInstanceOf(AgentException.class)
        .hasMessageContaining("no interface matches --iface [eth9]")
        .hasMessageContaining("eth1 [192.168.1.5/24, 192.168.1.6/24]");
    assertThatThrownBy(() -> choose(options(List.of(), List.of("("))))
        .hasMessageContaining("--iface-regex \"(\" is no regular expression");
  }

  @Test
  void aPublicAddressAloneMeansTheDeviceThatHasIt() {
    var own =
        new InterfaceOptions(
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.of(IpAddress.parse("192.168.1.6")),
            Optional.empty());
    assertThat(own(choose(own))).isEqualTo("eth1 192.168.1.6");
    var nat =
        new InterfaceOptions(
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.of(IpAddress.parse("203.0.113.9")),
            Optional.empty());
    assertThatThrownBy(() -> choose(nat))
        .hasMessageContaining("for an address behind NAT give --iface");
    var both =
        new InterfaceOptions(
            List.of("eth1"),
            List.of(),
            Optional.empty(),
            Optional.of(IpAddress.parse("203.0.113.9")),
            Optional.empty());
    assertThat(choose(both).published()).containsEntry(Family.IPV4, IpAddress.parse("203.0.113.9"));
  }
}
