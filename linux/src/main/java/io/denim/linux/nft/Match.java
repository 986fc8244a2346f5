package io.denim.linux.nft;

import io.denim.net.Cidr;
import io.denim.net.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Expressions for what people write in rules, for tables of family inet. */
public final class Match {
  private static final int NETWORK_HEADER = 1;
  private static final int TRANSPORT_HEADER = 2;
  private static final int META_MARK = 3;
  private static final int META_OIFNAME = 7;
  private static final int META_NFPROTO = 15;
  private static final int META_L4PROTO = 16;
  private static final int NFPROTO_IPV4 = 2;
  private static final int NFPROTO_IPV6 = 10;
  private static final int NAT_RANDOM_FULLY = 0x10;

  private Match() {}

  /** Packets of this family. */
  public static List<Expr> family(Family family) {
    byte number = family == Family.IPV4 ? (byte) NFPROTO_IPV4 : (byte) NFPROTO_IPV6;
    return List.of(new Expr.Meta(1, META_NFPROTO), new Expr.Compare(1, false, Bytes.of(number)));
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
