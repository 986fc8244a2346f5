package io.denim.linux.nft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.linux.nft.TableState.Chain;
import io.denim.linux.nft.TableState.Data;
import io.denim.linux.nft.TableState.Hook;
import io.denim.linux.nft.TableState.NamedSet;
import io.denim.linux.nft.TableState.Point;
import io.denim.linux.nft.TableState.Rule;
import io.denim.linux.nft.TableState.ValueType;
import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NftablesIT {
  private Namespace node;
  private Nftables nft;

  @BeforeEach
  void open() {
    node = Namespace.create();
    nft = Nftables.open(node);
  }

  @AfterEach
  void close() {
    nft.close();
    node.close();
  }

  private String list() {
    return node.call(() -> {
      Process process =
          new ProcessBuilder("nft", "list", "ruleset").redirectErrorStream(true).start();
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    });
  }

  private static Rule rule(String comment, Object... parts) {
    List<Expr> exprs = new ArrayList<>();
    for (Object part : parts) {
      if (part instanceof Expr expr) {
        exprs.add(expr);
      } else if (part instanceof List<?> list) {
        list.forEach(expr -> exprs.add((Expr) expr));
      }
    }
    return new Rule(exprs, comment);
  }

  private static TableState example() {
    Cidr pods = Cidr.parse("10.244.0.0/16");
    Cidr odd = Cidr.parse("10.244.16.0/20");
    Cidr pods6 = Cidr.parse("fd00:10::/48");
    Expr back = new Expr.Decide(new Verdict.Return());
    var nat = new Hook("nat", Point.POSTROUTING, 100, true);
    var filter = new Hook("filter", Point.FORWARD, 0, true);
    var addresses = new TreeMap<Bytes, Data>();
    addresses.put(Bytes.of((byte) 10, (byte) 0, (byte) 0, (byte) 1), new Data.None());
    var devices = new TreeMap<Bytes, Data>();
    devices.put(Bytes.name("veth1"), new Data.Decision(new Verdict.Goto("pod")));
    devices.put(Bytes.name("veth2"), new Data.Decision(new Verdict.Drop()));
    var ports = new TreeMap<Bytes, Data>();
    ports.put(Bytes.be16(80), new Data.Value(Bytes.be16(8080)));
    return new TableState(
        TableState.Family.INET,
        "denim",
        List.of(
            new NamedSet("addresses", ValueType.IPV4_ADDR, Optional.empty(), addresses),
            new NamedSet("byname", ValueType.IFNAME, Optional.of(ValueType.VERDICT), devices),
            new NamedSet(
                "ports", ValueType.INET_SERVICE, Optional.of(ValueType.INET_SERVICE), ports)),
        List.of(
            new Chain(
                "pod",
                Optional.empty(),
                List.of(
                    rule("counted", new Expr.Counter(), new Expr.Decide(new Verdict.Accept())))),
            new Chain(
                "postrouting",
                Optional.of(nat),
                List.of(
                    rule("marked", Match.markSet(0x4000), back),
                    rule(
                        "tunnel",
                        Match.source(Cidr.parse("192.168.1.1/32"), false),
                        Match.udpTo(8472),
                        back),
                    rule("odd", Match.source(odd, false), Match.destination(pods, false), back),
                    rule("not", Match.source(odd, true), Match.destination(odd, false), back),
                    rule(
                        "out",
                        Match.source(pods, false),
                        Match.destination(Cidr.parse("224.0.0.0/4"), true),
                        Match.masquerade(true)),
                    rule(
                        "out6",
                        Match.source(pods6, false),
                        Match.destination(pods6, true),
                        Match.masquerade(false)))),
            new Chain(
                "forward",
                Optional.of(filter),
                List.of(
                    rule("", Match.outputDevice("eth0"), new Expr.Decide(new Verdict.Jump("pod"))),
                    rule(
                        "state",
                        new Expr.Conntrack(1, 0),
                        new Expr.Bitwise(1, Bytes.host32(2), Bytes.host32(0)),
                        new Expr.Compare(1, true, Bytes.host32(0)),
                        new Expr.Decide(new Verdict.Accept())),
                    rule("dispatch", new Expr.Meta(1, 7), new Expr.MapLookup(1, "byname", 0)),
                    rule(
                        "member",
                        Match.family(io.denim.net.Family.IPV4),
                        new Expr.Payload(1, 1, 12, 4),
                        new Expr.Lookup(1, "addresses", true),
                        new Expr.Decide(new Verdict.Drop())),
                    rule(
                        "mark", new Expr.Immediate(1, Bytes.host32(5)), new Expr.MetaSet(1, 3))))));
  }

  @Test
  void aTableIsReadBackAsItWasWritten() {
    nft.replace(example());
    assertThat(nft.read(TableState.Family.INET, "denim")).contains(example());
    nft.replace(example());
    assertThat(nft.read(TableState.Family.INET, "denim")).contains(example());
  }

  @Test
  void aTableIsMadeOnlyWhereThereIsNone() {
    nft.create(example());
    assertThat(nft.read(TableState.Family.INET, "denim")).contains(example());
    assertThatThrownBy(() -> nft.create(example()))
        .hasMessageContaining("cannot create table denim: EEXIST");
    assertThat(nft.read(TableState.Family.INET, "denim")).contains(example());
  }

  @Test
  void nftPrintsTheRulesAsAPersonWouldWriteThem() {
    nft.replace(example());
    assertThat(list())
        .contains("type nat hook postrouting priority srcnat; policy accept;")
        .contains("meta mark & 0x00004000 == 0x00004000 return comment \"marked\"")
        .contains("ip saddr 10.244.16.0/20 ip daddr 10.244.0.0/16 return comment \"odd\"")
        .contains("ip saddr != 10.244.16.0/20 ip daddr 10.244.16.0/20 return comment \"not\"")
        .contains(
            "ip saddr 10.244.0.0/16 ip daddr != 224.0.0.0/4 masquerade fully-random comment \"out\"")
        .contains("ip saddr 192.168.1.1 udp dport 8472 return comment \"tunnel\"")
        .contains("ip6 saddr fd00:10::/48 ip6 daddr != fd00:10::/48 masquerade comment \"out6\"")
        .contains("oifname vmap @byname comment \"dispatch\"")
        .contains("elements = { \"veth1\" : goto pod");
  }

  @Test
  void whatSomebodyChangesByHandIsSeen() {
    nft.replace(example());
    for (String command :
        List.of(
            "delete element inet denim addresses { 10.0.0.1 }",
            "add element inet denim byname { veth3 : drop }",
            "insert rule inet denim forward drop",
            "flush chain inet denim pod",
            "add chain inet denim other",
            "delete table inet denim")) {
      int exit =
          node.call(() -> {
            Process nftCommand =
                new ProcessBuilder("nft", command).redirectErrorStream(true).start();
            nftCommand.getInputStream().readAllBytes();
            return nftCommand.waitFor();
          });
      assertThat(exit).as(command).isZero();
      // A dump while a hash table grows in the background may miss what was just added.
      Awaitility.await()
          .untilAsserted(() ->
              assertThat(nft.read(TableState.Family.INET, "denim"))
                  .as(command)
                  .isNotEqualTo(Optional.of(example())));
      nft.replace(example());
      assertThat(nft.read(TableState.Family.INET, "denim")).contains(example());
    }
  }

  @Test
  void aRefusedPartLeavesNothingAndIsNamed() {
    var broken =
        new TableState(
            TableState.Family.INET,
            "denim",
            List.of(),
            List.of(
                new Chain(
                    "c",
                    Optional.empty(),
                    List.of(rule("lost", new Expr.Decide(new Verdict.Jump("no-such-chain")))))));
    assertThatThrownBy(() -> nft.replace(broken))
        .hasMessageContaining("cannot add rule \"lost\" to chain denim c: ENOENT");
    assertThat(nft.read(TableState.Family.INET, "denim")).isEmpty();
  }

  @Test
  void aValidationChangesNothing() {
    nft.validate(example());
    assertThat(nft.read(TableState.Family.INET, "denim")).isEmpty();
  }

  @Test
  void aHundredThousandElementsAreOneTransaction() {
    var many = new TreeMap<Bytes, Data>();
    for (int i = 0; i < 100_000; i++) {
      many.put(Bytes.be32(0x0a000000 + i), new Data.None());
    }
    nft.replace(
        new TableState(
            TableState.Family.INET,
            "denim",
            List.of(new NamedSet("many", ValueType.IPV4_ADDR, Optional.empty(), many)),
            List.of()));
    // The kernel's hash table grows in the background, and a dump meanwhile may miss elements.
    Awaitility.await()
        .untilAsserted(() ->
            assertThat(
                    nft.read(TableState.Family.INET, "denim")
                        .orElseThrow()
                        .sets()
                        .getFirst()
                        .elements()
                        .size())
                .isEqualTo(100_000));
  }
}
