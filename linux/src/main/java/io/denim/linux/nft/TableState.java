package io.denim.linux.nft;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A whole table as a value.
 *
 * @param family which packets it sees
 * @param name its name
 * @param sets named sets and maps, by name
 * @param chains chains, by name
 */
public record TableState(Family family, String name, List<NamedSet> sets, List<Chain> chains) {
  /** Sorts both lists by name. */
  public TableState {
    sets = sets.stream().sorted(java.util.Comparator.comparing(NamedSet::name)).toList();
    chains = chains.stream().sorted(java.util.Comparator.comparing(Chain::name)).toList();
  }

  /** Which packets a table sees (NFPROTO_*). */
  public enum Family {
    /** IPv4 and IPv6. */
    INET(1),
    /** IPv4. */
    IP(2),
    /** Frames that a bridge passes. */
    BRIDGE(7),
    /** IPv6. */
    IP6(10);

    private final int number;

    Family(int number) {
      this.number = number;
    }

    int number() {
      return number;
    }
  }

  /**
   * A chain.
   *
   * @param name its name
   * @param hook where packets enter it, empty when only other chains lead to it
   * @param rules in order
   */
  public record Chain(String name, Optional<Hook> hook, List<Rule> rules) {
    /** Copies the list. */
    public Chain {
      rules = List.copyOf(rules);
    }
  }

  /**
   * Where a base chain sits.
   *
   * @param type {@code filter}, {@code nat} or {@code route}
   * @param point the hook
   * @param priority lower comes first
   * @param accept whether what no rule decides is let through
   */
  public record Hook(String type, Point point, int priority, boolean accept) {}

  /** The hooks of the IP families and of bridges, by the kernel's numbers. */
  public enum Point {
    /** As it came in. */
    PREROUTING(0),
    /** For this host. */
    INPUT(1),
    /** Through this host. */
    FORWARD(2),
    /** From this host. */
    OUTPUT(3),
    /** As it leaves. */
    POSTROUTING(4),
    /** Before all others, on a device. */
    INGRESS(5);

    private final int number;

    Point(int number) {
      this.number = number;
    }

    int number() {
      return number;
    }

    static Point of(int number) {
      for (Point point : values()) {
        if (point.number == number) {
          return point;
        }
      }
      throw new io.denim.linux.netlink.MalformedMessageException("nftables hook " + number);
    }
  }

  /** A rule; the comment is shown by nft. */
  public record Rule(List<Expr> exprs, String comment) {
    /** Copies the list. */
    public Rule {
      exprs = List.copyOf(exprs);
    }
  }

  /**
   * A named set, map or verdict map.
   *
   * @param name its name
   * @param key what its keys are
   * @param data what it maps to, empty for a set
   * @param elements its elements by key; a set's values are all {@link Data.None}
   */
  public record NamedSet(
      String name, ValueType key, Optional<ValueType> data, SortedMap<Bytes, Data> elements) {
    /** Copies the map. */
    public NamedSet {
      elements = Collections.unmodifiableSortedMap(new TreeMap<>(elements));
    }
  }

  /** What an element maps to. */
  public sealed interface Data {
    /** A set's element. */
    record None() implements Data {}

    /** A map's element. */
    record Value(Bytes octets) implements Data {}

    /** A verdict map's element. */
    record Decision(Verdict verdict) implements Data {}
  }

  /**
   * The type of keys or values: its number in nft, for which nft prints them, and its length in
   * octets.
   */
  public record ValueType(int number, int length) {
    /** An IPv4 address. */
    public static final ValueType IPV4_ADDR = new ValueType(7, 4);

    /** An IPv6 address. */
    public static final ValueType IPV6_ADDR = new ValueType(8, 16);

    /** A hardware address. */
    public static final ValueType ETHER_ADDR = new ValueType(9, 6);

    /** A protocol above IP. */
    public static final ValueType INET_PROTO = new ValueType(12, 1);

    /** A port. */
    public static final ValueType INET_SERVICE = new ValueType(13, 2);

    /** A device name. */
    public static final ValueType IFNAME = new ValueType(41, 16);

    /** A verdict. */
    public static final ValueType VERDICT = new ValueType(Nft.NFT_DATA_VERDICT, 0);

    /** A concatenation of two; each part is padded to 4 octets. */
    public ValueType then(ValueType next) {
      return new ValueType(
          number << 6 | next.number, ((length + 3) & ~3) + ((next.length + 3) & ~3));
    }
  }
}
