package io.denim.attach;

import io.denim.attach.Attachment.Address;
import io.denim.attach.Attachment.HostPort;
import io.denim.attach.Attachment.Port;
import io.denim.linux.nft.Bytes;
import io.denim.linux.nft.Expr;
import io.denim.linux.nft.Field;
import io.denim.linux.nft.Match;
import io.denim.linux.nft.TableState;
import io.denim.linux.nft.TableState.Chain;
import io.denim.linux.nft.TableState.Data;
import io.denim.linux.nft.TableState.Hook;
import io.denim.linux.nft.TableState.NamedSet;
import io.denim.linux.nft.TableState.Point;
import io.denim.linux.nft.TableState.Rule;
import io.denim.linux.nft.TableState.ValueType;
import io.denim.linux.nft.Verdict;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What attachments ask of nftables, as two tables: one of family inet that leads the node's ports
 * to containers and masquerades what leaves, and one of family bridge that drops forged frames. A
 * container is elements of sets and maps; rules grow only with the number of subnets.
 *
 * @param ports whether there are ports of the node that lead to containers
 * @param translated the subnets from which containers may come by a port of the node
 * @param masqueraded the subnets that containers leave with the node's address
 * @param guarded whether there are ports of bridges whose frames are looked at
 * @param elements by set
 */
record RuleSet(
    boolean ports,
    SortedSet<Cidr> translated,
    SortedSet<Cidr> masqueraded,
    boolean guarded,
    Map<Name, SortedMap<Bytes, Data>> elements) {
  /** The name of both tables. */
  static final String TABLE = "denim_pods";

  private static final int DSTNAT = -100;
  private static final int SRCNAT = 100;
  private static final int RAW = -300;
  private static final Cidr LOOPBACK = Cidr.parse("127.0.0.0/8");
  private static final Cidr MULTICAST_V4 = Cidr.parse("224.0.0.0/4");
  private static final Cidr MULTICAST_V6 = Cidr.parse("ff00::/8");

  /** The sets and maps. */
  enum Name {
    /** Protocol and port, of any address of the node. */
    PORTS4,
    /** The same for IPv6. */
    PORTS6,
    /** Address, protocol and port. */
    BOUND4,
    /** The same for IPv6. */
    BOUND6,
    /** Containers whose neighbours come by a port of the node. */
    TRANSLATED4,
    /** The same for IPv6. */
    TRANSLATED6,
    /** Containers that leave with the node's address. */
    MASQUERADED4,
    /** The same for IPv6. */
    MASQUERADED6,
    /** Ports of bridges whose frames are looked at. */
    GUARDED,
    /** Those, with the source that they may have. */
    ALLOWED;

    private NamedSet empty() {
      ValueType target4 = ValueType.IPV4_ADDR.then(ValueType.INET_SERVICE);
      ValueType target6 = ValueType.IPV6_ADDR.then(ValueType.INET_SERVICE);
      ValueType port = Field.keyType(Field.L4PROTO, Field.TH_DPORT);
      return switch (this) {
        case PORTS4 -> map("ports4", port, target4);
        case PORTS6 -> map("ports6", port, target6);
        case BOUND4 ->
            map("bound4", Field.keyType(Field.IP_DADDR, Field.L4PROTO, Field.TH_DPORT), target4);
        case BOUND6 ->
            map("bound6", Field.keyType(Field.IP6_DADDR, Field.L4PROTO, Field.TH_DPORT), target6);
        case TRANSLATED4 -> set("translated4", ValueType.IPV4_ADDR);
        case TRANSLATED6 -> set("translated6", ValueType.IPV6_ADDR);
        case MASQUERADED4 -> set("masqueraded4", ValueType.IPV4_ADDR);
        case MASQUERADED6 -> set("masqueraded6", ValueType.IPV6_ADDR);
        case GUARDED -> set("guarded", ValueType.IFNAME);
        case ALLOWED -> set("allowed", ValueType.IFNAME.then(ValueType.ETHER_ADDR));
      };
    }

    private static NamedSet map(String name, ValueType key, ValueType data) {
      return new NamedSet(name, key, Optional.of(data), new TreeMap<>());
    }

    private static NamedSet set(String name, ValueType key) {
      return new NamedSet(name, key, Optional.empty(), new TreeMap<>());
    }

    /** The set with these elements. */
    NamedSet of(SortedMap<Bytes, Data> elements) {
      NamedSet empty = empty();
      return new NamedSet(empty.name(), empty.key(), empty.data(), elements);
    }

    /** Which of the two tables it is in. */
    TableState.Family table() {
      return switch (this) {
        case GUARDED, ALLOWED -> TableState.Family.BRIDGE;
        case PORTS4, PORTS6, BOUND4, BOUND6, TRANSLATED4, TRANSLATED6, MASQUERADED4, MASQUERADED6 ->
            TableState.Family.INET;
      };
    }
  }

  /** Nothing. */
  static RuleSet none() {
    return new RuleSet(false, new TreeSet<>(), new TreeSet<>(), false, new EnumMap<>(Name.class));
  }

  /** What one attachment asks for. */
  static RuleSet of(Attachment attachment) {
    RuleSet asked = none();
    SortedSet<Cidr> translated = new TreeSet<>();
    SortedSet<Cidr> masqueraded = new TreeSet<>();
    for (HostPort port : attachment.hostPorts()) {
      asked.add(port);
      if (port.masquerade()) {
        translated.add(port.to().subnet());
      }
    }
    boolean guarded = false;
    if (attachment.port().isPresent()) {
      Port port = attachment.port().get();
      guarded = port.guarded();
      if (port.masquerade()) {
        for (Address address : port.addresses()) {
          masqueraded.add(address.address().subnet());
          IpAddress ip = address.address().address();
          asked.put(
              ip.isV4() ? Name.MASQUERADED4 : Name.MASQUERADED6,
              Bytes.address(ip),
              new Data.None());
        }
      }
      if (guarded) {
        Bytes device = Bytes.name(port.hostDevice());
        asked.put(Name.GUARDED, device, new Data.None());
        asked.put(
            Name.ALLOWED, Bytes.concatenation(device, Bytes.mac(port.mac())), new Data.None());
      }
    }
    return new RuleSet(
        !attachment.hostPorts().isEmpty(), translated, masqueraded, guarded, asked.elements());
  }

  private void put(Name name, Bytes key, Data data) {
    elements.computeIfAbsent(name, _ -> new TreeMap<>()).put(key, data);
  }

  private void add(HostPort port) {
    IpAddress to = port.to().address();
    boolean v4 = to.isV4();
    Bytes key = Bytes.concatenation(Bytes.u8(port.protocol()), Bytes.be16(port.port()));
    Data target = new Data.Value(Bytes.concatenation(Bytes.address(to), Bytes.be16(port.toPort())));
    if (port.address().isPresent()) {
      Bytes bound =
          Bytes.concatenation(
              Bytes.address(port.address().get()),
              Bytes.u8(port.protocol()),
              Bytes.be16(port.port()));
      put(v4 ? Name.BOUND4 : Name.BOUND6, bound, target);
    } else {
      put(v4 ? Name.PORTS4 : Name.PORTS6, key, target);
    }
    if (port.masquerade()) {
      put(v4 ? Name.TRANSLATED4 : Name.TRANSLATED6, Bytes.address(to), new Data.None());
    }
  }

  /** All that several ask for. */
  static RuleSet union(Collection<RuleSet> all) {
    boolean ports = false;
    boolean guarded = false;
    SortedSet<Cidr> translated = new TreeSet<>();
    SortedSet<Cidr> masqueraded = new TreeSet<>();
    Map<Name, SortedMap<Bytes, Data>> elements = new EnumMap<>(Name.class);
    for (RuleSet each : all) {
      ports |= each.ports();
      guarded |= each.guarded();
      translated.addAll(each.translated());
      masqueraded.addAll(each.masqueraded());
      each.elements()
          .forEach(
              (name, more) -> elements.computeIfAbsent(name, _ -> new TreeMap<>()).putAll(more));
    }
    return new RuleSet(ports, translated, masqueraded, guarded, elements);
  }

  /** Whether rules made for this are enough for the other: only elements differ then. */
  boolean covers(RuleSet other) {
    return (ports || !other.ports())
        && (guarded || !other.guarded())
        && translated.containsAll(other.translated())
        && masqueraded.containsAll(other.masqueraded());
  }

  /** The tables, as far as they have anything to do: a nat chain alone costs every connection. */
  List<TableState> tables() {
    List<TableState> tables = new ArrayList<>();
    boolean source = !translated.isEmpty() || !masqueraded.isEmpty();
    if (ports || source) {
      List<Chain> chains = new ArrayList<>();
      if (ports) {
        chains.add(base("prerouting", Point.PREROUTING, DSTNAT, List.of(toHostPorts())));
        chains.add(base("output", Point.OUTPUT, DSTNAT, List.of(toHostPorts())));
        chains.add(new Chain("hostports", Optional.empty(), hostPorts()));
      }
      if (source) {
        chains.add(base("postrouting", Point.POSTROUTING, SRCNAT, postrouting()));
      }
      tables.add(table(TableState.Family.INET, chains));
    }
    if (guarded) {
      Hook hook = new Hook("filter", Point.PREROUTING, RAW, true);
      tables.add(
          table(
              TableState.Family.BRIDGE,
              List.of(new Chain("prerouting", Optional.of(hook), List.of(forged())))));
    }
    return tables;
  }

  private TableState table(TableState.Family family, List<Chain> chains) {
    List<NamedSet> sets = new ArrayList<>();
    for (Name name : Name.values()) {
      if (name.table() == family) {
        sets.add(name.of(elements.getOrDefault(name, new TreeMap<>())));
      }
    }
    return new TableState(family, TABLE, sets, chains);
  }

  private static Chain base(String name, Point point, int priority, List<Rule> rules) {
    return new Chain(name, Optional.of(new Hook("nat", point, priority, true)), rules);
  }

  private static Rule toHostPorts() {
    List<Expr> exprs = new ArrayList<>(Match.destinationLocal());
    exprs.add(new Expr.Decide(new Verdict.Jump("hostports")));
    return new Rule(exprs, "to the node itself");
  }

  private static List<Rule> hostPorts() {
    return List.of(
        new Rule(
            Match.destinationFrom(
                "bound4", Family.IPV4, Field.IP_DADDR, Field.L4PROTO, Field.TH_DPORT),
            "a port of one address"),
        new Rule(
            Match.destinationFrom(
                "bound6", Family.IPV6, Field.IP6_DADDR, Field.L4PROTO, Field.TH_DPORT),
            "a port of one address"),
        new Rule(anyAddress("ports4", Family.IPV4), "a port of any address"),
        new Rule(anyAddress("ports6", Family.IPV6), "a port of any address"));
  }

  /** The key does not tell the family, so that is looked at first. */
  private static List<Expr> anyAddress(String map, Family family) {
    List<Expr> exprs = new ArrayList<>(Match.family(family));
    exprs.addAll(Match.destinationFrom(map, family, Field.L4PROTO, Field.TH_DPORT));
    return exprs;
  }

  private List<Rule> postrouting() {
    List<Rule> rules = new ArrayList<>();
    if (ports) {
      rules.add(
          new Rule(
              with(
                  Match.source(LOOPBACK, false),
                  Match.destinationTranslated(),
                  Match.in("translated4", Field.IP_DADDR),
                  List.of(Match.masquerade(false))),
              "from the node itself by a loopback address"));
    }
    for (Cidr subnet : translated) {
      rules.add(
          new Rule(
              with(
                  Match.source(subnet, false),
                  Match.destinationTranslated(),
                  subnet.address().isV4()
                      ? Match.in("translated4", Field.IP_DADDR)
                      : Match.in("translated6", Field.IP6_DADDR),
                  List.of(Match.masquerade(false))),
              "a neighbour by a port of the node"));
    }
    for (Cidr subnet : masqueraded) {
      rules.add(
          new Rule(
              with(
                  Match.source(subnet, false),
                  Match.destination(subnet, false),
                  List.of(new Expr.Decide(new Verdict.Return()))),
              "within a subnet"));
    }
    if (!masqueraded.isEmpty()) {
      rules.add(leaving("masqueraded4", Field.IP_SADDR, MULTICAST_V4));
      rules.add(leaving("masqueraded6", Field.IP6_SADDR, MULTICAST_V6));
    }
    return rules;
  }

  private static Rule leaving(String set, Field source, Cidr multicast) {
    return new Rule(
        with(
            Match.in(set, source),
            Match.destination(multicast, true),
            List.of(Match.masquerade(false))),
        "a container to the outside");
  }

  private static Rule forged() {
    return new Rule(
        with(
            Match.in("guarded", Field.IIFNAME),
            Match.notIn("allowed", Field.IIFNAME, Field.ETHER_SADDR),
            List.of(new Expr.Decide(new Verdict.Drop()))),
        "another's hardware address");
  }

  @SafeVarargs
  private static List<Expr> with(List<Expr>... parts) {
    List<Expr> all = new ArrayList<>();
    for (List<Expr> part : parts) {
      all.addAll(part);
    }
    return all;
  }
}
