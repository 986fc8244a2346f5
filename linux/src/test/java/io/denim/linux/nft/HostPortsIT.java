package io.denim.linux.nft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.linux.BridgedHost;
import io.denim.linux.LinuxException;
import io.denim.linux.nft.TableState.Chain;
import io.denim.linux.nft.TableState.Data;
import io.denim.linux.nft.TableState.Hook;
import io.denim.linux.nft.TableState.NamedSet;
import io.denim.linux.nft.TableState.Point;
import io.denim.linux.nft.TableState.Rule;
import io.denim.linux.nft.TableState.ValueType;
import io.denim.linux.ns.Namespace;
import io.denim.linux.ns.Sysctl;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Published ports and masquerading as maps and sets, with real packets. */
class HostPortsIT {
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final TableState.Family INET = TableState.Family.INET;
  private static final String TABLE = "denim_pods";

  private static final NamedSet PORTS4 =
      map(
          "ports4",
          Field.keyType(Field.L4PROTO, Field.TH_DPORT),
          ValueType.IPV4_ADDR.then(ValueType.INET_SERVICE));
  private static final NamedSet PORTS6 =
      map(
          "ports6",
          Field.keyType(Field.L4PROTO, Field.TH_DPORT),
          ValueType.IPV6_ADDR.then(ValueType.INET_SERVICE));
  private static final NamedSet BOUND4 =
      map(
          "bound4",
          Field.keyType(Field.IP_DADDR, Field.L4PROTO, Field.TH_DPORT),
          ValueType.IPV4_ADDR.then(ValueType.INET_SERVICE));
  private static final NamedSet BOUND6 =
      map(
          "bound6",
          Field.keyType(Field.IP6_DADDR, Field.L4PROTO, Field.TH_DPORT),
          ValueType.IPV6_ADDR.then(ValueType.INET_SERVICE));
  private static final NamedSet MASQ4 =
      new NamedSet("masq4", ValueType.IPV4_ADDR, Optional.empty(), new TreeMap<>());
  private static final NamedSet PAIRS4 =
      new NamedSet(
          "pairs4",
          Field.keyType(Field.IP_SADDR, Field.IP_DADDR),
          Optional.empty(),
          new TreeMap<>());

  private BridgedHost net;
  private Nftables nft;

  @BeforeEach
  void open() {
    net = new BridgedHost();
    nft = Nftables.open(net.host);
  }

  @AfterEach
  void close() {
    nft.close();
    net.close();
  }

  private static NamedSet map(String name, ValueType key, ValueType data) {
    return new NamedSet(name, key, Optional.of(data), new TreeMap<>());
  }

  @SafeVarargs
  private static Rule rule(List<Expr>... parts) {
    List<Expr> exprs = new ArrayList<>();
    for (List<Expr> part : parts) {
      exprs.addAll(part);
    }
    return new Rule(exprs, "");
  }

  private static List<Expr> decide(Verdict verdict) {
    return List.of(new Expr.Decide(verdict));
  }

  private static TableState table() {
    List<Expr> masquerade = List.of(Match.masquerade(false));
    Cidr pods = Cidr.parse("10.1.0.0/24");
    Cidr pods6 = Cidr.parse("fd00:1::/64");
    Rule toHostPorts = rule(Match.destinationLocal(), decide(new Verdict.Jump("hostports")));
    return new TableState(
        INET,
        TABLE,
        List.of(PORTS4, PORTS6, BOUND4, BOUND6, MASQ4, PAIRS4),
        List.of(
            new Chain(
                "hostports",
                Optional.empty(),
                List.of(
                    rule(
                        Match.destinationFrom(
                            "bound4", Family.IPV4, Field.IP_DADDR, Field.L4PROTO, Field.TH_DPORT)),
                    rule(
                        Match.destinationFrom(
                            "ports4", Family.IPV4, Field.L4PROTO, Field.TH_DPORT)),
                    rule(
                        Match.destinationFrom(
                            "bound6", Family.IPV6, Field.IP6_DADDR, Field.L4PROTO, Field.TH_DPORT)),
                    rule(
                        Match.destinationFrom(
                            "ports6", Family.IPV6, Field.L4PROTO, Field.TH_DPORT)))),
            new Chain(
                "prerouting",
                Optional.of(new Hook("nat", Point.PREROUTING, -100, true)),
                List.of(toHostPorts)),
            new Chain(
                "output",
                Optional.of(new Hook("nat", Point.OUTPUT, -100, true)),
                List.of(toHostPorts)),
            new Chain(
                "postrouting",
                Optional.of(new Hook("nat", Point.POSTROUTING, 100, true)),
                List.of(
                    rule(
                        Match.destinationTranslated(),
                        Match.source(pods, false),
                        Match.destination(pods, false),
                        masquerade),
                    rule(
                        Match.destinationTranslated(),
                        Match.source(pods6, false),
                        Match.destination(pods6, false),
                        masquerade),
                    rule(
                        Match.destinationTranslated(),
                        Match.source(Cidr.parse("127.0.0.0/8"), false),
                        masquerade),
                    rule(Match.in("pairs4", Field.IP_SADDR, Field.IP_DADDR), masquerade),
                    rule(
                        Match.in("masq4", Field.IP_SADDR),
                        Match.destination(pods, false),
                        decide(new Verdict.Return())),
                    rule(
                        Match.in("masq4", Field.IP_SADDR),
                        Match.destination(Cidr.parse("224.0.0.0/4"), true),
                        masquerade)))));
  }

  private static Bytes key(int protocol, int port) {
    return Bytes.concatenation(Bytes.u8(protocol), Bytes.be16(port));
  }

  private static Bytes key(String address, int protocol, int port) {
    return Bytes.concatenation(bytes(address), Bytes.u8(protocol), Bytes.be16(port));
  }

  private static Bytes bytes(String address) {
    return Bytes.address(IpAddress.parse(address));
  }

  private static Data to(String address, int port) {
    return new Data.Value(Bytes.concatenation(bytes(address), Bytes.be16(port)));
  }

  private static SortedMap<Bytes, Data> one(Bytes key, Data data) {
    return new TreeMap<>(java.util.Map.of(key, data));
  }

  private void change(ElementChange... changes) {
    nft.change(INET, TABLE, List.of(changes));
  }

  private SortedMap<Bytes, Data> elements(NamedSet set) {
    return nft.elements(INET, TABLE, set);
  }

  @Test
  void theTableIsReadBackAsItWasWrittenAndPrintedAsAPersonWouldWriteIt() {
    nft.replace(table());
    assertThat(nft.read(INET, TABLE)).contains(table());
    change(
        ElementChange.add(PORTS4, one(key(TCP, 8080), to("10.1.0.10", 80))),
        ElementChange.add(BOUND4, one(key("192.0.2.1", UDP, 53), to("10.1.0.10", 5353))),
        ElementChange.add(BOUND6, one(key("2001:db8::1", TCP, 443), to("fd00:1::10", 8443))),
        ElementChange.add(
            PAIRS4,
            one(Bytes.concatenation(bytes("10.1.0.10"), bytes("10.1.0.10")), new Data.None())));
    assertThat(BridgedHost.run(net.host, "nft", "list", "ruleset"))
        .contains("type inet_proto . inet_service : ipv4_addr . inet_service")
        .contains("type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service")
        .contains("elements = { tcp . 8080 : 10.1.0.10 . 80 }")
        .contains("elements = { 192.0.2.1 . udp . 53 : 10.1.0.10 . 5353 }")
        .contains("elements = { 2001:db8::1 . tcp . 443 : fd00:1::10 . 8443 }")
        .contains("type ipv4_addr . ipv4_addr")
        .contains("elements = { 10.1.0.10 . 10.1.0.10 }")
        .contains("dnat ip to ip daddr . meta l4proto . th dport map @bound4")
        .contains("dnat ip to meta l4proto . th dport map @ports4")
        .contains("dnat ip6 to ip6 daddr . meta l4proto . th dport map @bound6")
        .contains("dnat ip6 to meta l4proto . th dport map @ports6")
        .contains("type nat hook prerouting priority dstnat; policy accept;")
        .contains("type nat hook output priority -100; policy accept;")
        .contains("fib daddr type local jump hostports")
        .contains("ct status dnat ip saddr 10.1.0.0/24 ip daddr 10.1.0.0/24 masquerade")
        .contains("ip saddr . ip daddr @pairs4 masquerade")
        .contains("ip saddr @masq4 ip daddr 10.1.0.0/24 return")
        .contains("ip saddr @masq4 ip daddr != 224.0.0.0/4 masquerade");
  }

  @Test
  void aPublishedPortReachesThePodFromOutsideFromTheHostAndFromItself() {
    Namespace pod = net.pod(10);
    Namespace other = net.pod(11);
    net.answerTcp(pod, 80, "pod");
    Sysctl.of(net.host).write("net/ipv4/conf/cni0/route_localnet", "1");
    nft.replace(table());

    change(ElementChange.add(PORTS4, one(key(TCP, 8080), to("10.1.0.10", 80))));

    assertThat(BridgedHost.tcp(net.client, "192.0.2.1", 8080)).isEqualTo("pod 192.0.2.2");
    assertThat(BridgedHost.tcp(net.host, "192.0.2.1", 8080)).isEqualTo("pod 192.0.2.1");
    assertThat(BridgedHost.tcp(net.host, "127.0.0.1", 8080)).isEqualTo("pod 10.1.0.1");
    assertThat(BridgedHost.tcp(pod, "192.0.2.1", 8080)).isEqualTo("pod 10.1.0.1");
    assertThat(BridgedHost.tcp(other, "10.1.0.1", 8080)).isEqualTo("pod 10.1.0.1");
    assertThat(BridgedHost.tcp(net.client, "192.0.2.1", 8081)).contains("refused");
  }

  @Test
  void aPublishedPortOfIpv6ReachesThePod() {
    Namespace pod = net.pod(10);
    net.answerTcp(pod, 80, "pod");
    nft.replace(table());

    change(
        ElementChange.add(PORTS6, one(key(TCP, 8080), to("fd00:1::10", 80))),
        ElementChange.add(BOUND6, one(key("2001:db8::1", TCP, 9090), to("fd00:1::10", 80))));

    assertThat(BridgedHost.tcp(net.client, "2001:db8::1", 8080)).isEqualTo("pod 2001:db8::2");
    assertThat(BridgedHost.tcp(net.client, "2001:db8::1", 9090)).isEqualTo("pod 2001:db8::2");
    assertThat(BridgedHost.tcp(pod, "2001:db8::1", 8080)).isEqualTo("pod fd00:1::1");
  }

  @Test
  void aPortBoundToOneAddressOfTheHostIsThatAddressesOnly() {
    Namespace one = net.pod(10);
    Namespace two = net.pod(11);
    net.answerUdp(one, 53, "one");
    net.answerUdp(two, 53, "two");
    nft.replace(table());

    change(
        ElementChange.add(PORTS4, one(key(UDP, 53), to("10.1.0.10", 53))),
        ElementChange.add(BOUND4, one(key("192.0.2.1", UDP, 53), to("10.1.0.11", 53))));

    assertThat(BridgedHost.udp(net.client, "192.0.2.1", 53)).isEqualTo("two 192.0.2.2");
    assertThat(BridgedHost.udp(net.client, "10.1.0.1", 53)).isEqualTo("one 192.0.2.2");
  }

  @Test
  void whatASetNamesIsMasqueraded() {
    Namespace one = net.pod(10);
    Namespace two = net.pod(11);
    net.answerTcp(net.client, 80, "client");
    net.answerTcp(two, 80, "two");
    nft.replace(table());

    change(
        ElementChange.add(MASQ4, one(bytes("10.1.0.10"), new Data.None())),
        ElementChange.add(
            PAIRS4,
            one(Bytes.concatenation(bytes("10.1.0.11"), bytes("192.0.2.2")), new Data.None())));

    assertThat(BridgedHost.tcp(one, "192.0.2.2", 80)).isEqualTo("client 192.0.2.1");
    assertThat(BridgedHost.tcp(one, "10.1.0.11", 80)).isEqualTo("two 10.1.0.10");
    assertThat(BridgedHost.tcp(two, "192.0.2.2", 80)).isEqualTo("client 192.0.2.1");
    change(
        ElementChange.remove(
            PAIRS4,
            one(Bytes.concatenation(bytes("10.1.0.11"), bytes("192.0.2.2")), new Data.None())));
    assertThat(BridgedHost.tcp(two, "192.0.2.2", 80)).isNotEqualTo("client 192.0.2.1");
  }

  @Test
  void whatIsMissingAlreadyIsRemovedWithoutAnError() {
    nft.replace(table());
    change(ElementChange.add(PORTS4, one(key(TCP, 1), to("10.1.0.10", 1))));

    change(
        ElementChange.remove(MASQ4, one(bytes("10.1.0.10"), new Data.None())),
        ElementChange.remove(PORTS4, one(key(TCP, 1), to("10.1.0.10", 1))),
        ElementChange.remove(BOUND4, one(key("1.2.3.4", TCP, 1), to("10.1.0.10", 1))));

    assertThat(nft.read(INET, TABLE)).contains(table());
  }

  @Test
  void aPortThatIsAnothersByNowIsNotRemoved() {
    nft.replace(table());
    SortedMap<Bytes, Data> others = one(key(TCP, 1), to("10.1.0.11", 1));
    change(
        ElementChange.add(PORTS4, others),
        ElementChange.add(MASQ4, one(bytes("10.1.0.10"), new Data.None())));
    SortedMap<Bytes, Data> mine = one(key(TCP, 1), to("10.1.0.10", 1));
    mine.put(key(TCP, 2), to("10.1.0.10", 2));

    change(
        ElementChange.remove(PORTS4, mine),
        ElementChange.remove(MASQ4, one(bytes("10.1.0.10"), new Data.None())));

    assertThat(elements(PORTS4)).isEqualTo(others);
    assertThat(elements(MASQ4)).isEmpty();
  }

  @Test
  void aKeyGetsOtherDataInOneTransactionAndOtherwiseRefusesThem() {
    nft.replace(table());
    SortedMap<Bytes, Data> old = one(key(TCP, 1), to("10.1.0.10", 1));
    SortedMap<Bytes, Data> other = one(key(TCP, 1), to("10.1.0.11", 1));
    change(ElementChange.add(PORTS4, old));
    change(ElementChange.add(PORTS4, old));

    assertThatThrownBy(() ->
            change(
                ElementChange.add(MASQ4, one(bytes("10.1.0.10"), new Data.None())),
                ElementChange.add(PORTS4, other)))
        .isInstanceOf(LinuxException.class)
        .hasMessageContaining("cannot add elements of set denim_pods ports4: E");
    assertThat(elements(PORTS4)).isEqualTo(old);
    assertThat(elements(MASQ4)).isEmpty();
    change(ElementChange.remove(PORTS4, old), ElementChange.add(PORTS4, other));
    assertThat(elements(PORTS4)).isEqualTo(other);
  }

  @Test
  void aChangeOfATableThatIsNotThereSaysSo() {
    assertThatThrownBy(
            () -> change(ElementChange.remove(MASQ4, one(bytes("10.1.0.10"), new Data.None()))))
        .hasMessageContaining("set denim_pods masq4: ENOENT");
  }
}
