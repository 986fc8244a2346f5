package io.denim.linux.nft;

import io.denim.linux.netlink.Attributes;
import io.denim.linux.netlink.MalformedMessageException;
import io.denim.linux.netlink.MessageWriter;

/**
 * One step of a rule: an instruction of the kernel's packet machine. Registers are 1 to 4 (16
 * octets each), or 8 to 23 (the same space in pieces of 4). Written and read back as equal values,
 * if registers are named as the kernel tells them: 1 to 4, not 8, 12, 16 and 20.
 */
public sealed interface Expr {
  /** Flags of translations (linux/netfilter/nf_nat.h): to an address. */
  int NF_NAT_RANGE_MAP_IPS = 1;

  /** To a port. */
  int NF_NAT_RANGE_PROTO_SPECIFIED = 2;

  /**
   * Loads octets of the packet into a register: from the link layer's header (base 0), the network
   * header (base 1) or the transport header (base 2).
   */
  record Payload(int register, int base, int offset, int length) implements Expr {}

  /** Goes on only if the register equals the data, or with {@code negated} only if it does not. */
  record Compare(int register, boolean negated, Bytes data) implements Expr {}

  /** register = (register &amp; mask) ^ xor. */
  record Bitwise(int register, Bytes mask, Bytes xor) implements Expr {}

  /** Loads what the kernel knows of the packet (NFT_META_*). */
  record Meta(int register, int key) implements Expr {}

  /** Sets what the kernel knows of the packet, such as its mark. */
  record MetaSet(int register, int key) implements Expr {}

  /** Loads from the connection's entry (NFT_CT_*). */
  record Conntrack(int register, int key) implements Expr {}

  /**
   * Loads what the routing tables know of an address of the packet: a result (NFT_FIB_RESULT_*) for
   * what the flags name (NFTA_FIB_F_*).
   */
  record Fib(int register, int result, int flags) implements Expr {}

  /** Puts data into a register. */
  record Immediate(int register, Bytes data) implements Expr {}

  /** Ends the walk through this rule with a verdict. */
  record Decide(Verdict verdict) implements Expr {}

  /** Goes on only if the register is in the set, or not in it. */
  record Lookup(int register, String set, boolean negated) implements Expr {}

  /**
   * Looks the register up in a map; goes on with the value in {@code into}, or with a verdict map
   * ({@code into} 0) decides.
   */
  record MapLookup(int register, String map, int into) implements Expr {}

  /** Source translation to the outgoing device's address; flags NF_NAT_RANGE_*. */
  record Masquerade(int flags) implements Expr {}

  /**
   * Destination or source translation to the address and port in registers; 0 for no port. The
   * family is NFPROTO_IPV4 or NFPROTO_IPV6; packets of another one go on with the next rule.
   */
  record Nat(boolean destination, int family, int addressRegister, int portRegister)
      implements Expr {}

  /** Counts packets and octets; what it has counted is no part of the value. */
  record Counter() implements Expr {}

  /** An expression that Denim does not write; equal only to the same one. */
  record Unknown(String name, Bytes data) implements Expr {}

  /** Writes one NFTA_LIST_ELEM. */
  static void encode(Expr expr, MessageWriter writer) {
    int element = writer.nest(Nft.NFTA_LIST_ELEM);
    writer.attrString(Nft.NFTA_EXPR_NAME, name(expr));
    int data = writer.nest(Nft.NFTA_EXPR_DATA);
    encodeData(expr, writer);
    writer.endNest(data);
    writer.endNest(element);
  }

  private static String name(Expr expr) {
    return switch (expr) {
      case Payload _ -> "payload";
      case Compare _ -> "cmp";
      case Bitwise _ -> "bitwise";
      case Meta _, MetaSet _ -> "meta";
      case Conntrack _ -> "ct";
      case Fib _ -> "fib";
      case Immediate _, Decide _ -> "immediate";
      case Lookup _, MapLookup _ -> "lookup";
      case Masquerade _ -> "masq";
      case Nat _ -> "nat";
      case Counter _ -> "counter";
      case Unknown unknown -> unknown.name();
    };
  }

  private static void encodeData(Expr expr, MessageWriter w) {
    switch (expr) {
      case Payload(int register, int base, int offset, int length) ->
          w.attrBe32(1, register).attrBe32(2, base).attrBe32(3, offset).attrBe32(4, length);
      case Compare(int register, boolean negated, Bytes data) -> {
        w.attrBe32(1, register).attrBe32(2, negated ? 1 : 0);
        value(w, 3, data);
      }
      case Bitwise(int register, Bytes mask, Bytes xor) -> {
        w.attrBe32(1, register).attrBe32(2, register).attrBe32(3, mask.length());
        value(w, 4, mask);
        value(w, 5, xor);
      }
      case Meta(int register, int key) -> w.attrBe32(1, register).attrBe32(2, key);
      case MetaSet(int register, int key) -> w.attrBe32(2, key).attrBe32(3, register);
      case Conntrack(int register, int key) -> w.attrBe32(1, register).attrBe32(2, key);
      case Fib(int register, int result, int flags) ->
          w.attrBe32(1, register).attrBe32(2, result).attrBe32(3, flags);
      case Immediate(int register, Bytes data) -> {
        w.attrBe32(1, register);
        value(w, 2, data);
      }
      case Decide(Verdict verdict) -> {
        w.attrBe32(1, 0);
        int data = w.nest(2);
        Verdict.encode(verdict, w);
        w.endNest(data);
      }
      case Lookup(int register, String set, boolean negated) ->
          w.attrString(1, set).attrBe32(2, register).attrBe32(5, negated ? 1 : 0);
      case MapLookup(int register, String map, int into) ->
          w.attrString(1, map).attrBe32(2, register).attrBe32(3, into);
      case Masquerade(int flags) -> w.attrBe32(1, flags);
      case Nat(boolean destination, int family, int address, int port) -> {
        w.attrBe32(1, destination ? 1 : 0).attrBe32(2, family).attrBe32(3, address);
        if (port != 0) {
          w.attrBe32(5, port).attrBe32(7, NF_NAT_RANGE_PROTO_SPECIFIED);
        }
      }
      case Counter() -> {
        // It begins at nought.
      }
      case Unknown unknown -> w.bytes(unknown.data().toArray());
    }
  }

  private static void value(MessageWriter writer, int type, Bytes data) {
    int nest = writer.nest(type);
    writer.attr(Nft.NFTA_DATA_VALUE, data.toArray());
    writer.endNest(nest);
  }

  /** Reads one NFTA_LIST_ELEM. */
  static Expr decode(Attributes element) {
    String name = element.get(Nft.NFTA_EXPR_NAME).map(Attributes::string).orElse("");
    Attributes data =
        element
            .get(Nft.NFTA_EXPR_DATA)
            .orElseThrow(
                () -> new MalformedMessageException("expression " + name + " without data"));
    return switch (name) {
      case "payload" ->
          data.get(1).isPresent()
              ? new Payload(be(data, 1), be(data, 2), be(data, 3), be(data, 4))
              : unknown(name, data);
      case "cmp" ->
          be(data, 2) <= 1
              ? new Compare(be(data, 1), be(data, 2) == 1, value(data, 3))
              : unknown(name, data);
      case "bitwise" ->
          data.get(4).isPresent() && be(data, 1) == be(data, 2)
              ? new Bitwise(be(data, 1), value(data, 4), value(data, 5))
              : unknown(name, data);
      case "meta" ->
          data.get(1).isPresent()
              ? new Meta(be(data, 1), be(data, 2))
              : new MetaSet(be(data, 3), be(data, 2));
      case "ct" ->
          data.get(1).isPresent() && data.get(3).isEmpty()
              ? new Conntrack(be(data, 1), be(data, 2))
              : unknown(name, data);
      case "immediate" ->
          data.get(2)
              .flatMap(d -> d.get(Nft.NFTA_DATA_VERDICT))
              .<Expr>map(verdict -> new Decide(Verdict.decode(verdict)))
              .orElseGet(() -> new Immediate(be(data, 1), value(data, 2)));
      case "lookup" -> {
        String set = data.get(1).map(Attributes::string).orElse("");
        yield data.get(3).isPresent()
            ? new MapLookup(be(data, 2), set, be(data, 3))
            : new Lookup(be(data, 2), set, be(data, 5) == 1);
      }
      case "masq" -> data.get(2).isEmpty() ? new Masquerade(be(data, 1)) : unknown(name, data);
      case "fib" -> new Fib(be(data, 1), be(data, 2), be(data, 3));
      case "nat" -> plainNat(data) ? decodeNat(data) : unknown(name, data);
      case "counter" -> new Counter();
      default -> unknown(name, data);
    };
  }

  private static Nat decodeNat(Attributes data) {
    return new Nat(be(data, 1) == 1, be(data, 2), be(data, 3), be(data, 5));
  }

  /** Whether it is to one address and at most one port, chosen in no special way. */
  private static boolean plainNat(Attributes data) {
    boolean oneAddress = data.get(4).isEmpty() || be(data, 4) == be(data, 3);
    boolean onePort = data.get(6).isEmpty() || be(data, 6) == be(data, 5);
    int special = be(data, 7) & ~(NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED);
    return oneAddress && onePort && special == 0;
  }

  private static Expr unknown(String name, Attributes data) {
    return new Unknown(name, Bytes.of(data.bytes()));
  }

  private static int be(Attributes data, int type) {
    return data.get(type).map(Attributes::be32).orElse(0);
  }

  private static Bytes value(Attributes data, int type) {
    return data.get(type)
        .flatMap(nest -> nest.get(Nft.NFTA_DATA_VALUE))
        .map(value -> Bytes.of(value.bytes()))
        .orElse(Bytes.of());
  }
}
