package io.denim.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RuntimeConfigTest {
  private static final String ANNOTATIONS = "'io.kubernetes.cri.pod-annotations'";

  private static RuntimeConfig runtime(String keys) {
    return Configs.denim("'runtimeConfig':{" + keys + "}").runtime();
  }

  private static RuntimeConfig annotated(String annotations) {
    return runtime(ANNOTATIONS + ":{" + annotations + "}");
  }

  /** go-cni 1.1.14 marshals structs without tags, so that keys begin with capitals. */
  @Test
  void whatContainerdWritesIsUnderstood() {
    RuntimeConfig runtime =
        runtime(
            "'portMappings':[{'HostPort':8080,'ContainerPort':80,'Protocol':'tcp','HostIP':''}],"
                + "'bandwidth':{'IngressRate':1000000,'IngressBurst':4294967295,'EgressRate':0,"
                + "'EgressBurst':0},'dns':{'Servers':['10.96.0.10'],'Searches':null,"
                + "'Options':['ndots:5']},'cgroupPath':'/kubelet.slice',"
                + ANNOTATIONS
                + ":{'kubernetes.io/config.source':'api'}");

    assertThat(runtime)
        .isEqualTo(
            new RuntimeConfig(
                List.of(new PortMapping(8080, 80, PortMapping.Protocol.TCP, Optional.empty())),
                Optional.of(new Bandwidth(1_000_000, 0xffff_ffffL, 0, 0)),
                List.of(),
                Optional.empty(),
                List.of(),
                new Dns(List.of("10.96.0.10"), "", List.of(), List.of("ndots:5")),
                Map.of("kubernetes.io/config.source", "api")));
  }

  @Test
  void portMappingsHaveDefaultsAndAreListedOnce() {
    assertThat(
            runtime(
                    "'portMappings':[{'hostPort':53,'containerPort':5353,'protocol':'UDP',"
                        + "'hostIP':'0.0.0.0'},{'hostPort':0,'containerPort':1},"
                        + "{'containerPort':2},{'hostPort':80,'containerPort':3},"
                        + "{'hostPort':80,'containerPort':3,'protocol':'tcp'},"
                        + "{'hostPort':80,'containerPort':4,'protocol':'sctp'}]")
                .portMappings())
        .containsExactly(
            new PortMapping(53, 5353, PortMapping.Protocol.UDP, Optional.of(IpAddress.ANY_V4)),
            new PortMapping(80, 3, PortMapping.Protocol.TCP, Optional.empty()),
            new PortMapping(80, 4, PortMapping.Protocol.SCTP, Optional.empty()));
  }

  @Test
  void addressesMayHaveALengthOrNone() {
    RuntimeConfig runtime = runtime("'ips':['10.1.0.2/24','fd00::2'],'mac':'C6:D2:32:6F:8F:44'");

    assertThat(runtime.ips())
        .containsExactly(
            InterfaceAddress.parse("10.1.0.2/24"), InterfaceAddress.parse("fd00::2/128"));
    assertThat(runtime.mac()).contains(MacAddress.parse("c6:d2:32:6f:8f:44"));
  }

  @Test
  void aPodsAnnotationsStandInForWhatTheRuntimeDoesNotAsk() {
    RuntimeConfig runtime =
        annotated(
            "'kubernetes.io/ingress-bandwidth':'10M','denim.io/ips':'10.1.0.2, fd00::2/64',"
                + "'denim.io/mac':'c6:d2:32:6f:8f:44','other':''");

    assertThat(runtime.bandwidth()).contains(new Bandwidth(10_000_000, 0xffff_ffffL, 0, 0));
    assertThat(runtime.ips())
        .containsExactly(
            InterfaceAddress.parse("10.1.0.2/32"), InterfaceAddress.parse("fd00::2/64"));
    assertThat(runtime.mac()).contains(MacAddress.parse("c6:d2:32:6f:8f:44"));
    assertThat(runtime.annotations()).hasSize(4).containsEntry("other", "");
  }

  @Test
  void whatTheRuntimeAsksWinsOverAnnotations() {
    RuntimeConfig runtime =
        runtime(
            "'bandwidth':{'egressRate':1,'egressBurst':2},'ips':[],'mac':'c6:d2:32:6f:8f:01',"
                + ANNOTATIONS
                + ":{'kubernetes.io/ingress-bandwidth':'10M','denim.io/ips':'10.1.0.2',"
                + "'denim.io/mac':'c6:d2:32:6f:8f:44'}");

    assertThat(runtime.bandwidth()).contains(new Bandwidth(0, 0, 1, 2));
    assertThat(runtime.ips()).isEmpty();
    assertThat(runtime.mac()).contains(MacAddress.parse("c6:d2:32:6f:8f:01"));
  }

  @Test
  void aBandwidthOfZeroIsNoLimit() {
    assertThat(runtime("'bandwidth':{'ingressRate':0}").bandwidth()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "1k, 1000",
    "10M, 10000000",
    "1.5G, 1500000000",
    "1P, 1000000000000000",
    "+2T, 2000000000000",
    "1Ki, 1024",
    "1Mi, 1048576",
    ".5Gi, 536870912",
    "1000, 1000",
    "2e6, 2000000",
    "2E+6, 2000000",
    "1000000m, 1000",
    "1000000001u, 1001",
    "9.9999k, 10000"
  })
  void aQuantityIsReadAsKubernetesDoes(String text, long rate) {
    assertThat(Quantity.tryRate(text)).contains(rate);
  }

  @ParameterizedTest
  @CsvSource({
    "10m",
    "999",
    "1.1P",
    "1Pi",
    "1E",
    "-1M",
    "10MB",
    "10 M",
    "M",
    "1e99",
    "1e999999999",
    "1ee6",
    "0x10",
    "1_000",
    "."
  })
  void aQuantityThatIsNoRateIsRefused(String text) {
    assertThat(Quantity.tryRate(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'portMappings':{} | runtimeConfig.portMappings {}; allowed is a list […]",
        "'portMappings':[{'hostPort':80}] | runtimeConfig.portMappings[0] {'hostPort':80}:"
            + " containerPort is missing; allowed is 1 to 65535",
        "'portMappings':[{'hostPort':65536,'containerPort':1}] |"
            + " runtimeConfig.portMappings[0].hostPort 65536; allowed is a whole number from 0 to",
        "'portMappings':[{'hostPort':'80','containerPort':1}] |"
            + " runtimeConfig.portMappings[0].hostPort '80'; allowed is a whole number from 0 to",
        "'portMappings':[{'hostPort':0,'containerPort':0}] |"
            + " runtimeConfig.portMappings[0].containerPort 0; allowed is a whole number from 1 to",
        "'portMappings':[{'hostPort':1,'containerPort':1,'protocol':'icmp'}] |"
            + " runtimeConfig.portMappings[0].protocol 'icmp'; allowed is tcp, udp or sctp",
        "'portMappings':[{'hostPort':1,'containerPort':1,'hostIP':'x'}] |"
            + " runtimeConfig.portMappings[0].hostIP 'x'; allowed is an address such as 192.0.2.7",
        "'portMappings':[{'hostPort':1,'containerPort':1},{'hostPort':1,'containerPort':2}] |"
            + " runtimeConfig.portMappings[1] {'hostPort':1,'containerPort':2}: another mapping"
            + " leads this host port to 1",
        "'bandwidth':[] | runtimeConfig.bandwidth []; allowed is an object {…}",
        "'bandwidth':{'ingressRate':-1} | runtimeConfig.bandwidth.ingressRate -1; allowed is a",
        "'bandwidth':{'ingressRate':1} | runtimeConfig.bandwidth: ingressRate is 1 and ingressBurst"
            + " is 0; both must be set, or none",
        "'bandwidth':{'egressBurst':1} | runtimeConfig.bandwidth: egressRate is 0 and egressBurst"
            + " is 1; both must be set, or none",
        "'bandwidth':{'egressRate':1,'egressBurst':34359738360} |"
            + " runtimeConfig.bandwidth.egressBurst 34359738360; allowed is a whole number from 0 to"
            + " 34359738359",
        "'ips':['10.0.0'] | runtimeConfig.ips[0] '10.0.0'; allowed is an address with or without a",
        "'ips':'10.0.0.1' | runtimeConfig.ips '10.0.0.1'; allowed is a list […]",
        "'mac':'ff:ff:ff:ff:ff:ff' | runtimeConfig.mac 'ff:ff:ff:ff:ff:ff'; allowed is a hardware",
        "'ipRanges':[[{'subnet':'10.0.0.1/8'}]] | runtimeConfig.ipRanges[0][0].subnet '10.0.0.1/8':"
            + " has host bits set; allowed is 10.0.0.0/8",
        "'dns':{'servers':'x'} | runtimeConfig.dns.servers 'x'; allowed is a list […]",
        "'io.kubernetes.cri.pod-annotations':[] | runtimeConfig.io.kubernetes.cri.pod-annotations"
            + " []; allowed is an object",
        "'io.kubernetes.cri.pod-annotations':{'a':1} | annotation a 1; allowed is a text in quotes",
        "'io.kubernetes.cri.pod-annotations':{'kubernetes.io/egress-bandwidth':'10'} | annotation"
            + " kubernetes.io/egress-bandwidth '10'; allowed is a quantity of bits a second from 1k",
        "'io.kubernetes.cri.pod-annotations':{'denim.io/ips':'10.1.0.2,x'} | annotation"
            + " denim.io/ips '10.1.0.2,x'; allowed is a list with commas of an address",
        "'io.kubernetes.cri.pod-annotations':{'denim.io/mac':'x'} | annotation denim.io/mac 'x';"
            + " allowed is a hardware address",
      })
  void aWrongKeyIsNamed(String keys, String expected) {
    Configs.assertRefused(Configs.json("denim-cni", "'runtimeConfig':{" + keys + "}"), 7, expected);
  }

  @ParameterizedTest
  @CsvSource({"unshapedSubnets", "shapedSubnets"})
  void limitsForSomeSubnetsAreNotDone(String key) {
    Configs.assertRefused(
        Configs.json("denim-cni", "'runtimeConfig':{'bandwidth':{'" + key + "':['10.0.0.0/8']}}"),
        2,
        "runtimeConfig.bandwidth." + key + " ['10.0.0.0/8'] is not supported: Denim limits all");
  }
}
