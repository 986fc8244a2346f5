package io.denim.lab;

import static io.denim.lab.FlannelOption.DIRECT_ROUTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.net.Cidr;
import io.denim.net.Family;
import org.junit.jupiter.api.Test;

class LabBuilderTest {

  @Test
  void nodesAreSpreadOverTheSubnets() {
    LabConfig lab =
        LabConfig.nodes(3)
            .subnets("10.1.0.0/24", "10.2.0.0/24")
            .flannel("vxlan", DIRECT_ROUTING, FlannelOption.vni(7))
            .build();

    assertThat(lab.nodes()).extracting(LabConfig.Node::subnet).containsExactly("a", "a", "b");
    assertThat(lab.netConf())
        .isEqualTo(
            "{\"Network\":\"10.244.0.0/16\","
                + "\"Backend\":{\"Type\":\"vxlan\",\"DirectRouting\":true,\"VNI\":7}}");
    assertThat(lab.addressOf(lab.nodes().getFirst(), Family.IPV4).orElseThrow())
        .hasToString("10.1.0.11/24");
  }

  @Test
  void dualStackGivesSubnetsBothFamilies() {
    LabConfig lab = LabConfig.nodes(1).dualStack().build();

    assertThat(lab.subnets().getFirst().cidr4()).contains(Cidr.parse("192.168.1.0/24"));
    assertThat(lab.subnets().getFirst().cidr6()).contains(Cidr.parse("fd00:da:1::/64"));
  }

  @Test
  void ipv6OnlyGivesSubnetsNoIpv4() {
    LabConfig lab = LabConfig.nodes(1).ipv6Only().build();

    assertThat(lab.subnets().getFirst().cidr4()).isEmpty();
    assertThat(lab.netConf()).doesNotContain("\"Network\"");
  }

  @Test
  void theRulesAreThoseOfTheFile() {
    LabBuilder builder = LabConfig.nodes(2).subnets("10.244.0.0/24").mtu(10);

    assertThatThrownBy(builder::build)
        .isInstanceOf(LabConfigException.class)
        .hasMessageContaining("mtu: 10 is out of range")
        .hasMessageContaining("subnets.a.cidr: 10.244.0.0/24 overlaps the pods' Network");
  }
}
