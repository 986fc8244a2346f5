package io.denim.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.denim.lab.LabConfig.Node;
import io.denim.lab.LabConfig.Router;
import io.denim.net.Cidr;
import io.denim.net.Family;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabYamlTest {
  private static final String WHOLE =
      """
      name: demo
      config: {Network: 10.244.0.0/16, Backend: {Type: vxlan, DirectRouting: true}}
      mtu: 1400
      subnets:
        a: {cidr: 192.168.1.0/24}
        b: {cidr: 192.168.2.0/24, cidr6: fd00:da:2::/64, latency: 2ms}
      routers:
        r1: {subnets: [a, b], outside: true}
      nodes:
        n1: {subnet: a, pods: 2}
        n2: {subnet: b, pods: [web, db]}
      agents: processes
      ipMasq: false
      """;

  @Test
  void everyKeyIsRead() {
    LabConfig lab = parse(WHOLE);

    assertThat(lab.name()).isEqualTo("demo");
    assertThat(lab.netConf())
        .isEqualTo(
            "{\"Network\":\"10.244.0.0/16\",\"Backend\":{\"Type\":\"vxlan\",\"DirectRouting\":true}}");
    assertThat(lab.mtu()).isEqualTo(1400);
    assertThat(lab.subnet("a").orElseThrow().latency()).isZero();
    assertThat(lab.subnet("b").orElseThrow().cidr6()).contains(Cidr.parse("fd00:da:2::/64"));
    assertThat(lab.subnet("b").orElseThrow().latency()).isEqualTo(Duration.ofMillis(2));
    assertThat(lab.routers()).containsExactly(new Router("r1", List.of("a", "b"), true));
    assertThat(lab.nodes())
        .containsExactly(
            new Node("n1", "a", List.of("n1-p1", "n1-p2"), AgentKind.DENIM),
            new Node("n2", "b", List.of("web", "db"), AgentKind.DENIM));
    assertThat(lab.nodeOfPod("db").map(Node::name)).contains("n2");
    assertThat(lab.agents()).isEqualTo(AgentMode.PROCESSES);
    assertThat(lab.ipMasq()).isFalse();
  }

  @Test
  void anEmptyFileIsTheLabOfTheDemo() {
    LabConfig lab = parse("");

    assertThat(lab.nodes()).extracting(Node::subnet).containsExactly("a", "a", "b", "b");
    assertThat(lab.nodes()).allSatisfy(node -> assertThat(node.pods()).hasSize(2));
    assertThat(lab.routers()).containsExactly(new Router("r1", List.of("a", "b"), true));
    assertThat(lab.netConf())
        .isEqualTo(
            "{\"Network\":\"10.244.0.0/16\",\"Backend\":{\"Type\":\"vxlan\",\"DirectRouting\":true}}");
    assertThat(LabConfig.demo()).isEqualTo(parse("name: demo"));
  }

  @Test
  void nodesOfFlanneldAndOfDenimShareAnEtcd() {
    LabConfig lab =
        parse(
            """
            store: etcd
            agent: flanneld
            nodes: {n1: {subnet: a}, n2: {subnet: b, agent: denim}}
            """);

    assertThat(lab.store()).isEqualTo(new LabStore.Etcd());
    assertThat(lab.agents()).isEqualTo(AgentMode.MACHINES);
    assertThat(lab.agentFlags())
        .containsExactly("--cni-conf-dir=/etc/cni/net.d", "--cni-bin-dir=/opt/cni/bin");
    assertThat(lab.nodes())
        .extracting(Node::agent)
        .containsExactly(AgentKind.FLANNELD, AgentKind.DENIM);
    assertThat(lab.controlPlaneAddress()).hasToString("192.168.1.10/24");
    assertThat(lab.addressOf(lab.nodes().getFirst(), Family.IPV4).orElseThrow())
        .hasToString("192.168.1.11/24");
  }

  @Test
  void kubernetesIsWholeUnlessToldOtherwiseAndMakesItsPodsItself() {
    LabConfig whole = parse("kubernetes: true");

    assertThat(whole.store()).isEqualTo(LabStore.Kubernetes.WHOLE);
    assertThat(whole.agents()).isEqualTo(AgentMode.MACHINES);
    assertThat(whole.nodes()).allSatisfy(node -> assertThat(node.pods()).isEmpty());
    assertThat(parse("kubernetes: {dns: false}").store())
        .isEqualTo(new LabStore.Kubernetes(true, false));
    assertThat(parse("kubernetes: false").store()).isEqualTo(new LabStore.Embedded());
  }

  @Test
  void numbersStandForNodesAndSubnets() {
    LabConfig lab = parse("{subnets: 3, nodes: 6, pods: 0}");

    assertThat(lab.subnets())
        .extracting(LabConfig.Subnet::cidr4)
        .containsExactly(
            Optional.of(Cidr.parse("192.168.1.0/24")),
            Optional.of(Cidr.parse("192.168.2.0/24")),
            Optional.of(Cidr.parse("192.168.3.0/24")));
    assertThat(lab.nodes()).extracting(Node::subnet).containsExactly("a", "a", "b", "b", "c", "c");
    assertThat(lab.nodes()).allSatisfy(node -> assertThat(node.pods()).isEmpty());
  }

  @Test
  void subnetsGetIpv6AddressesWhenPodsUseIpv6() {
    LabConfig lab = parse("config: {enableIPv6: true}");

    assertThat(lab.subnet("b").orElseThrow().cidr6()).contains(Cidr.parse("fd00:da:2::/64"));
    assertThat(lab.netConf()).contains("\"IPv6Network\":\"fd00:10:244::/56\"");
  }

  @Test
  void addressesFollowFromTheOrder() {
    LabConfig lab = parse("");

    assertThat(lab.addressOf(lab.nodes().get(3), Family.IPV4).orElseThrow())
        .hasToString("192.168.2.12/24");
    assertThat(lab.addressOf(lab.nodes().get(3), Family.IPV6)).isEmpty();
    assertThat(lab.addressOf(lab.routers().getFirst(), lab.subnet("a").orElseThrow(), Family.IPV4))
        .hasValueSatisfying(address -> assertThat(address).hasToString("192.168.1.1/24"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          name: 7                              | name: 7 does not fit; allowed: text
          name: Demo                           | name: "Demo" is no name; allowed: 1 to 12 lower-case letters, digits and hyphens, a hyphen neither first nor last
          name: a-name-too-long                | name: "a-name-too-long" is no name; allowed: 1 to 12 lower-case letters, digits and hyphens, a hyphen neither first nor last
          nmae: x                              | nmae: is no key; did you mean name?; allowed: name, config, mtu, subnets, routers, nodes, pods, agent, agents, agentFlags, ipMasq, store, kubernetes
          mtu: 575                             | mtu: 575 is out of range; allowed: 576 to 9000
          mtu: "1500"                          | mtu: "1500" does not fit; allowed: a whole number of bytes
          mtu: 1500.5                          | mtu: 1500.5 does not fit; allowed: a whole number of bytes
          mtu: 99999999999                     | mtu: 99999999999 does not fit; allowed: a whole number of bytes
          {mtu: 1000, config: {EnableIPv6: true}} | mtu: 1000 is out of range; allowed: 1280 to 9000 (IPv6 needs 1280, RFC 8200)
          agents: process                      | agents: "process" is not known; allowed: threads, processes or machines
          ipMasq: yes                          | ipMasq: "yes" does not fit; allowed: true or false
          pods: -1                             | pods: -1 is out of range; allowed: 0 to 50
          nodes: 0                             | nodes: 0 are too few; allowed: 1 to 200
          {nodes: 201, pods: 0}                | nodes: 201 are too many; allowed: 1 to 200
          nodes: [n1]                          | nodes: ["n1"] does not fit; allowed: a mapping of keys to values
          {nodes: {n1: {subnet: a, pod: 2}}}   | nodes.n1.pod: is no key; did you mean pods?; allowed: subnet, pods, agent
          {nodes: {n1: {subnet: c}}}           | nodes.n1.subnet: "c" is no subnet of this lab; allowed: a, b
          {nodes: {n1: }}                      | nodes.n1.subnet: is not given; allowed: a, b
          {nodes: {n1: {subnet: a, pods: [web, 1]}}} | nodes.n1.pods[1]: 1 does not fit; allowed: text
          {nodes: {n1: {subnet: a, pods: [n1]}}} | nodes.n1.pods[0]: the name n1 is also that of nodes.n1; allowed: names that differ
          {nodes: {r1: {subnet: a}}}           | nodes.r1: the name r1 is also that of routers.r1; allowed: names that differ
          {subnets: {a: {cidr: 10.1.0.0/33}}}  | subnets.a.cidr: "10.1.0.0/33" is not a CIDR; allowed: such as 10.244.0.0/16 or fd00:10::/48
          {subnets: {a: {cidr: 10.1.0.1/24}}}  | subnets.a.cidr: "10.1.0.1/24" has host bits set; allowed: 10.1.0.0/24
          {subnets: {a: {cidr: "fd00::/64"}}}  | subnets.a.cidr: fd00::/64 is IPv6; allowed: IPv4 (the other one is the other key's)
          {subnets: {a: {cidr: 10.1.0.0/30}}}  | subnets.a.cidr: 10.1.0.0/30 has an unfit length; allowed: /8 to /29
          {subnets: {a: {cidr: 10.244.7.0/24}}} | subnets.a.cidr: 10.244.7.0/24 overlaps the pods' Network, 10.244.0.0/16; allowed: addresses of its own
          {subnets: {a: {cidr: 203.0.113.0/28}}} | subnets.a.cidr: 203.0.113.0/28 overlaps the outside, 203.0.113.0/24; allowed: addresses of its own
          {subnets: {a: {latency: 2}}}         | subnets.a.latency: 2 does not fit; allowed: a whole number and its unit, such as 500us, 2ms or 1s; at most 10s
          {subnets: {a: {latency: 2 ms}}}      | subnets.a.latency: "2 ms" is no time; allowed: a whole number and its unit, such as 500us, 2ms or 1s; at most 10s
          {subnets: {a: {latency: 11s}}}       | subnets.a.latency: 11000ms is out of range; allowed: 0 to 10s
          {subnets: {a: {cidr: 10.1.0.0/29}}, nodes: 6} | subnets.a.cidr: 10.1.0.0/29 has no room (nodes: 6, other hosts: 1); allowed: a shorter prefix
          {routers: {r1: {}}}                  | routers.r1.subnets: is empty; allowed: subnets of this lab: a, b
          {routers: {r1: {subnets: [a]}}}      | routers.r1.subnets: joins nothing; allowed: a second subnet, or outside: true
          {routers: {r1: {subnets: [a, a]}}}   | routers.r1.subnets[1]: a is named twice; allowed: each subnet once
          {routers: {r1: {subnets: a}}}        | routers.r1.subnets: "a" does not fit; allowed: a list of subnets, such as [a, b]
          store: consul                        | store: "consul" is not known; allowed: embedded or etcd
          kubernetes: maybe                    | kubernetes: "maybe" does not fit; allowed: true or false
          {kubernetes: {proxy: false}}         | kubernetes.proxy: is no key; allowed: kubeProxy, dns
          {kubernetes: true, store: etcd}      | store: is not wanted beside kubernetes; allowed: one or the other
          {kubernetes: true, agents: processes} | agents: processes cannot use the lab's store; allowed: machines
          {kubernetes: true, subnets: {a: {cidr: 10.96.7.0/24}}} | subnets.a.cidr: 10.96.7.0/24 overlaps the services, 10.96.0.0/16; allowed: addresses of its own
          agent: flannel                       | agent: "flannel" is not known; allowed: denim or flanneld
          {store: etcd, agents: threads}       | agents: threads cannot use the lab's store; allowed: machines
          {nodes: {n1: {subnet: a, agent: flanneld}}} | nodes.n1.agent: flanneld cannot use Denim's embedded store; allowed: denim, or store: etcd for the lab
          {store: etcd, nodes: {cp: {subnet: a}}} | nodes.cp: the name cp is also that of the host of the control plane; allowed: names that differ
          config: vxlan                        | config: "vxlan" does not fit; allowed: flannel's net-conf.json as a mapping
          [a, b]                               | ["a","b"] does not fit; allowed: a mapping of keys to values
          """)
  void anErrorNamesThePlaceTheValueAndWhatIsAllowed(String yaml, String error) {
    assertThatThrownBy(() -> LabYaml.parse("lab.yaml", yaml))
        .isInstanceOf(LabConfigException.class)
        .hasMessage("lab.yaml: " + error);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {Network: 10.244.0.0/33}     | config.Network
          {Backend: {Type: vxlan, VNI: x}} | config.Backend.VNI
          {Backend: {Type: udp}}       | config.Backend.Type
          {EnableIPv4: false}          | config.EnableIPv4
          """)
  void flannelsConfigurationIsCheckedAsTheAgentWould(String config, String path) {
    var thrown = catchThrowableOfType(LabConfigException.class, () -> parse("config: " + config));

    assertThat(thrown.problems()).extracting(LabProblem::path).containsExactly(path);
  }

  @Test
  void allProblemsAreReportedAtOnce() {
    var yaml =
        """
        mtu: 100
        subnets: {a: {cidr: 10.1.0.0/16}, b: {cidr: 10.1.2.0/24}}
        nodes: {n1: {subnet: x}, N2: {subnet: a}}
        """;

    var thrown =
        catchThrowableOfType(LabConfigException.class, () -> LabYaml.parse("lab.yaml", yaml));

    assertThat(thrown.problems())
        .extracting(LabProblem::path)
        .containsExactly("mtu", "subnets.b.cidr", "nodes.n1.subnet", "nodes.N2");
    assertThat(thrown).hasMessageStartingWith("lab.yaml: 4 problems\n  mtu: 100 is out of range");
  }

  @Test
  void whatIsNoYamlIsSaidWithItsPlace() {
    assertThatThrownBy(() -> parse("nodes: {n1"))
        .isInstanceOf(LabConfigException.class)
        .hasMessageContaining("is no YAML: ")
        .hasMessageContaining("line 1");
    assertThatThrownBy(() -> parse("name: a\nname: b")).hasMessageContaining("name");
    assertThatThrownBy(() -> parse("name: a\n---\nname: b")).hasMessageContaining("is no YAML: ");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> LabYaml.read(Path.of("/nowhere/lab.yaml")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith("/nowhere/lab.yaml: ");
  }

  private static LabConfig parse(String yaml) {
    return LabYaml.parse("lab.yaml", yaml);
  }
}
