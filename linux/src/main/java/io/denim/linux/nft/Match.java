package io.denim.linux.nft;

import io.denim.net.Cidr;
import io.denim.net.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Expressions for what people write in rules. Those that look at IP are for tables of family inet.
 *
 * <p>{@code Match.in("pairs4", Field.IP_SADDR, Field.IP_DADDR)} is nft's {@code ip saddr . ip daddr
 * @pairs4}; the set's key type is {@link Field#keyType} of the same fields.
 */
public final class Match {
  private static final int NETWORK_HEADER = 1;
  private static final int TRANSPORT_HEADER = 2;
  private static final int META_MARK = 3;
  private static final int META_IIFNAME = 6;
  private static final int META_OIFNAME = 7;
  private static final int META_NFPROTO = 15;
  private static final int META_L4PROTO = 16;
  private static final int NFPROTO_IPV4 = 2;
  private static final int NFPROTO_IPV6 = 10;
  private static final int NAT_RANDOM_FULLY = 0x10;

  /** linux/netfilter/nf_tables.h: NFT_CT_STATUS, NFT_FIB_RESULT_ADDRTYPE, NFTA_FIB_F_DADDR. */
  private static final int NFT_CT_STATUS = 2;

  private static final int NFT_FIB_RESULT_ADDRTYPE = 3;
  private static final int NFTA_FIB_F_DADDR = 2;

  /** linux/netfilter/nf_conntrack_common.h. */
  private static final int IPS_DST_NAT = 0x20;

  private static final int RTN_LOCAL = 2;
  private static final int ETH_P_ARP = 0x0806;

  private Match() {}

  /** Packets of this family. */
  public static List<Expr> family(Family family) {
    return List.of(
        new Expr.Meta(1, META_NFPROTO), new Expr.Compare(1, false, Bytes.u8(number(family))));
  }

  private static int number(Family family) {
    return switch (family) {
      case IPV4 -> NFPROTO_IPV4;
      case IPV6 -> NFPROTO_IPV6;
    };
  }

  /** The source address is in the prefix, or is of its family and not in it. */
  public static List<Expr> source(Cidr cidr, boolean negated) {
    return address(cidr, cidr.address().isV4() ? 12 : 8, negated);
  }

  /** The destination address is in the prefix, or is of its family and not in it. */
  public static List<Expr> destination(Cidr cidr, boolean negated) {
    return address(cidr, cidr.address().isV4() ? 16 : 24, negated);
  }

  private static List<Expr> address(Cidr cidr, int offset, boolean negated) {
    List<Expr> exprs = new ArrayList<>(family(cidr.family()));
    if (cidr.length() == 0) {
      return exprs;
    }
    byte[] prefix = cidr.address().bytes();
    if (cidr.length() % 8 == 0) {
      int octets = cidr.length() / 8;
      exprs.add(new Expr.Payload(1, NETWORK_HEADER, offset, octets));
      exprs.add(new Expr.Compare(1, negated, Bytes.of(Arrays.copyOf(prefix, octets))));
      return exprs;
    }
    byte[] mask = new byte[prefix.length];
    for (int bit = 0; bit < cidr.length(); bit++) {
      mask[bit / 8] |= (byte) (0x80 >>> (bit % 8));
    }
    exprs.add(new Expr.Payload(1, NETWORK_HEADER, offset, prefix.length));
    exprs.add(new Expr.Bitwise(1, Bytes.of(mask), Bytes.of(new byte[prefix.length])));
    exprs.add(new Expr.Compare(1, negated, Bytes.of(prefix)));
    return exprs;
  }

  /** All of these bits of the mark are set. */
  public static List<Expr> markSet(int bits) {
    return List.of(
        new Expr.Meta(1, META_MARK),
        new Expr.Bitwise(1, Bytes.host32(bits), Bytes.host32(0)),
        new Expr.Compare(1, false, Bytes.host32(bits)));
  }

  /** UDP to this port. */
  public static List<Expr> udpTo(int port) {
    return List.of(
        new Expr.Meta(1, META_L4PROTO),
        new Expr.Compare(1, false, Bytes.of((byte) 17)),
        new Expr.Payload(1, TRANSPORT_HEADER, 2, 2),
        new Expr.Compare(1, false, Bytes.be16(port)));
  }

  /** To an address of this host, whichever: {@code fib daddr type local}. */
  public static List<Expr> destinationLocal() {
    return List.of(
        new Expr.Fib(1, NFT_FIB_RESULT_ADDRTYPE, NFTA_FIB_F_DADDR),
        new Expr.Compare(1, false, Bytes.host32(RTN_LOCAL)));
  }

  /** Of a connection whose destination was translated: {@code ct status dnat}. */
  public static List<Expr> destinationTranslated() {
    return List.of(
        new Expr.Conntrack(1, NFT_CT_STATUS),
        new Expr.Bitwise(1, Bytes.host32(IPS_DST_NAT), Bytes.host32(0)),
        new Expr.Compare(1, true, Bytes.host32(0)));
  }

  /** ARP, in tables of family bridge: {@code ether type arp}. */
  public static List<Expr> arp() {
    return List.of(
        new Expr.Payload(1, Field.LINK_HEADER, 12, 2),
        new Expr.Compare(1, false, Bytes.be16(ETH_P_ARP)));
  }

  /** These fields of the packet are in the set: {@code ip saddr . ip daddr @set}. */
  public static List<Expr> in(String set, Field... key) {
    return lookup(new Expr.Lookup(1, set, false), key);
  }

  /** These fields of the packet are not in the set: {@code ip saddr != @set}. */
  public static List<Expr> notIn(String set, Field... key) {
    return lookup(new Expr.Lookup(1, set, true), key);
  }

  /**
   * Looks these fields up in a map of address and port, and where they are there sends the
   * connection to those: {@code dnat ip to ip daddr . meta l4proto . th dport map @map}. What is
   * not there goes on with the next rule. Only for chains of type nat.
   */
  public static List<Expr> destinationFrom(String map, Family family, Field... key) {
    List<Expr> exprs = lookup(new Expr.MapLookup(1, map, 1), key);
    exprs.add(new Expr.Nat(true, number(family), 1, Field.register(family.bits() / 32)));
    return exprs;
  }

  private static List<Expr> lookup(Expr lookup, Field... key) {
    List<Expr> exprs = new ArrayList<>();
    Field.family(key).ifPresent(family -> exprs.addAll(family(family)));
    exprs.addAll(Field.load(key));
    exprs.add(lookup);
    return exprs;
  }

  /** In by the device of this name; in tables of family bridge, by the port. */
  public static List<Expr> inputDevice(String name) {
    return List.of(new Expr.Meta(1, META_IIFNAME), new Expr.Compare(1, false, Bytes.name(name)));
  }

  /** Out by the device of this name. */
  public static List<Expr> outputDevice(String name) {
    return List.of(new Expr.Meta(1, META_OIFNAME), new Expr.Compare(1, false, Bytes.name(name)));
  }

  /**
   * Gives the packet the outgoing device's address, with the source port drawn at random if asked.
   */
  public static Expr masquerade(boolean randomFully) {
    return new Expr.Masquerade(randomFully ? NAT_RANDOM_FULLY : 0);
  }
}
