package io.denim.linux.nft;

import io.denim.linux.nft.TableState.ValueType;
import io.denim.net.Family;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A part of a packet that keys of sets and maps are made of. */
@SuppressWarnings("ImmutableEnumChecker") // ValueType is a record of two numbers.
public enum Field {
  /** {@code ip saddr}. */
  IP_SADDR(ValueType.IPV4_ADDR, Family.IPV4),
  /** {@code ip daddr}. */
  IP_DADDR(ValueType.IPV4_ADDR, Family.IPV4),
  /** {@code ip6 saddr}. */
  IP6_SADDR(ValueType.IPV6_ADDR, Family.IPV6),
  /** {@code ip6 daddr}. */
  IP6_DADDR(ValueType.IPV6_ADDR, Family.IPV6),
  /** {@code meta l4proto}. */
  L4PROTO(ValueType.INET_PROTO),
  /** {@code th sport}: of any protocol that has ports where TCP has them. */
  TH_SPORT(ValueType.INET_SERVICE),
  /** {@code th dport}. */
  TH_DPORT(ValueType.INET_SERVICE),
  /** {@code iifname}; in tables of family bridge, the port's. */
  IIFNAME(ValueType.IFNAME),
  /** {@code oifname}. */
  OIFNAME(ValueType.IFNAME),
  /** {@code ether saddr}. */
  ETHER_SADDR(ValueType.ETHER_ADDR),
  /** {@code arp saddr ether}: only behind {@link Match#arp}. */
  ARP_SADDR_ETHER(ValueType.ETHER_ADDR);

  /** Bases of payload (NFT_PAYLOAD_*, linux/netfilter/nf_tables.h). */
  static final int LINK_HEADER = 0;

  private static final int NETWORK_HEADER = 1;
  private static final int TRANSPORT_HEADER = 2;
  private static final int META_IIFNAME = 6;
  private static final int META_OIFNAME = 7;
  private static final int META_L4PROTO = 16;

  private final ValueType type;
  private final Optional<Family> family;

  Field(ValueType type) {
    this.type = type;
    this.family = Optional.empty();
  }

  Field(ValueType type, Family family) {
    this.type = type;
    this.family = Optional.of(family);
  }

  /** The type of its values. */
  public ValueType type() {
    return type;
  }

  /** The type of a key of these, in this order. */
  public static ValueType keyType(Field... key) {
    ValueType all = key[0].type;
    for (int i = 1; i < key.length; i++) {
      all = all.then(key[i].type);
    }
    return all;
  }

  /** The family of those that only one has. */
  static Optional<Family> family(Field... key) {
    Optional<Family> all = Optional.empty();
    for (Field field : key) {
      if (all.isPresent() && field.family.isPresent() && !all.equals(field.family)) {
        throw new IllegalArgumentException(
            "a key of " + List.of(key) + ", which no packet has; take fields of one family");
      }
      all = all.or(() -> field.family);
    }
    return all;
  }

  /** Loads these side by side, beginning with register 1. */
  static List<Expr> load(Field... key) {
    List<Expr> exprs = new ArrayList<>();
    int word = 0;
    for (Field field : key) {
      exprs.add(field.load(register(word)));
      word += (field.type.length() + 3) / 4;
    }
    return exprs;
  }

  /**
   * The register that begins this many words of 4 octets behind the beginning of register 1, by the
   * name that the kernel tells it by.
   */
  static int register(int word) {
    return word % 4 == 0 ? 1 + word / 4 : 8 + word;
  }

  private Expr load(int register) {
    int length = type.length();
    return switch (this) {
      case IP_SADDR -> new Expr.Payload(register, NETWORK_HEADER, 12, length);
      case IP_DADDR -> new Expr.Payload(register, NETWORK_HEADER, 16, length);
      case IP6_SADDR, ARP_SADDR_ETHER -> new Expr.Payload(register, NETWORK_HEADER, 8, length);
      case IP6_DADDR -> new Expr.Payload(register, NETWORK_HEADER, 24, length);
      case L4PROTO -> new Expr.Meta(register, META_L4PROTO);
      case TH_SPORT -> new Expr.Payload(register, TRANSPORT_HEADER, 0, length);
      case TH_DPORT -> new Expr.Payload(register, TRANSPORT_HEADER, 2, length);
      case IIFNAME -> new Expr.Meta(register, META_IIFNAME);
      case OIFNAME -> new Expr.Meta(register, META_OIFNAME);
      case ETHER_SADDR -> new Expr.Payload(register, LINK_HEADER, 6, length);
    };
  }
}
