package io.denim.bgp.rib;

import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.Negotiated;
import io.denim.bgp.wire.ParsedAttributes;
import io.denim.net.IpAddress;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Numbers for sets of attributes. Some thousands of sets belong to a million of prefixes, and most
 * UPDATEs bring a block of attributes that came before: then it is neither parsed nor checked
 * again, since the same octets from the same kind of session mean the same.
 */
final class AttributeTable {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private static final int FIRST = 1024;

  /** So many blocks a set are kept, and so many in any case: a set may come in many forms. */
  private static final int BLOCKS_PER_SET = 8;

  private static final int FEW_BLOCKS = 1 << 16;

  private final Map<AttributeSet, Integer> numbers = new HashMap<>();
  private final List<@Nullable AttributeSet> sets = new ArrayList<>();
  private final List<Integer> free = new ArrayList<>();
  private @Nullable Block[] blocks = new Block[FIRST];
  private int blockCount;
  private final long seed;

  /**
   * An empty table.
   *
   * @param seed that nobody outside knows, so that nobody can make all blocks fall together
   */
  AttributeTable(long seed) {
    this.seed = seed;
  }

  /**
   * A next hop that does not stand in the block of attributes itself.
   *
   * @param address the address; 0.0.0.0 when the block has it
   * @param linkLocal the second one of RFC 2545
   */
  record NextHop(IpAddress address, Optional<IpAddress> linkLocal) {
    static final NextHop IN_BLOCK = new NextHop(IpAddress.ANY_V4, Optional.empty());

    boolean isInBlock() {
      return equals(IN_BLOCK);
    }
  }

  /** A block as it came, and what it means. */
  static final class Block {
    private final byte[] octets;
    private final Negotiated kind;
    private final NextHop mark;
    private final int hash;
    private final ParsedAttributes parsed;
    private final int set;
    private @Nullable Block next;

    private Block(
        byte[] octets, Negotiated kind, NextHop mark, int hash, ParsedAttributes parsed, int set) {
      this.octets = octets;
      this.kind = kind;
      this.mark = mark;
      this.hash = hash;
      this.parsed = parsed;
      this.set = set;
    }

    /** What the parser said of it. */
    ParsedAttributes parsed() {
      return parsed;
    }

    /** The number of its set; {@link PathTable#NONE} when its prefixes count as withdrawn. */
    int set() {
      return set;
    }
  }

  /** How many sets there are. */
  int size() {
    return sets.size() - free.size();
  }

  AttributeSet get(int number) {
    return Objects.requireNonNull(sets.get(number), "a set of attributes that was given up");
  }

  /** The number of a set. */
  int intern(AttributeSet set) {
    Integer known = numbers.get(set);
    if (known != null) {
      return known;
    }
    int number;
    if (free.isEmpty()) {
      number = sets.size();
      sets.add(set);
    } else {
      number = free.removeLast();
      sets.set(number, set);
    }
    numbers.put(set, number);
    return number;
  }

  /**
   * What a block of attributes means.
   *
   * @param kind of session; the same object for sessions of one kind
   * @param mark the next hop of MP_REACH_NLRI, on which the meaning depends too
   * @param parser reads the block when it is new
   */
  @SuppressWarnings("ReferenceEquality") // Kinds are the same object, so that this costs nothing.
  Block block(byte[] octets, int offset, int length, Negotiated kind, NextHop mark, Parser parser) {
    int hash = hash(octets, offset, length) * 31 + mark.hashCode();
    int at = hash & (blocks.length - 1);
    for (Block each = blocks[at]; each != null; each = each.next) {
      if (each.hash == hash
          && each.mark.equals(mark)
          && each.kind == kind
          && matches(each.octets, octets, offset, length)) {
        return each;
      }
    }
    byte[] copy = Arrays.copyOfRange(octets, offset, offset + length);
    ParsedAttributes parsed = parser.parse();
    int set =
        parsed instanceof ParsedAttributes.Good good ? intern(good.attributes()) : PathTable.NONE;
    Block block = new Block(copy, kind, mark, hash, parsed, set);
    // What is damaged comes seldom, and would never be given up.
    if (set != PathTable.NONE) {
      if (blockCount > FEW_BLOCKS + BLOCKS_PER_SET * size()) {
        forgetBlocks();
      }
      put(block);
    }
    return block;
  }

  /** Reads a block that is new. */
  @FunctionalInterface
  interface Parser {
    ParsedAttributes parse();
  }

  /** Gives up all sets but these, and what came and meant others. */
  void keepOnly(BitSet used) {
    for (int number = 0; number < sets.size(); number++) {
      AttributeSet set = sets.get(number);
      if (set != null && !used.get(number)) {
        numbers.remove(set);
        sets.set(number, null);
        free.add(number);
      }
    }
    @Nullable Block[] old = blocks;
    forgetBlocks();
    for (Block first : old) {
      for (@Nullable Block each = first; each != null; ) {
        Block next = each.next;
        if (used.get(each.set)) {
          put(each);
        }
        each = next;
      }
    }
  }

  /** How many blocks are known. */
  int blocks() {
    return blockCount;
  }

  private void forgetBlocks() {
    blocks = new Block[FIRST];
    blockCount = 0;
  }

  private void put(Block block) {
    int at = block.hash & (blocks.length - 1);
    block.next = blocks[at];
    blocks[at] = block;
    if (++blockCount > 2 * blocks.length) {
      rehash();
    }
  }

  private void rehash() {
    @Nullable Block[] old = blocks;
    blocks = new Block[4 * old.length];
    int mask = blocks.length - 1;
    for (Block first : old) {
      for (@Nullable Block each = first; each != null; ) {
        Block next = each.next;
        each.next = blocks[each.hash & mask];
        blocks[each.hash & mask] = each;
        each = next;
      }
    }
  }

  private static boolean matches(byte[] known, byte[] octets, int offset, int length) {
    return Arrays.equals(known, 0, known.length, octets, offset, offset + length);
  }

  private int hash(byte[] octets, int offset, int length) {
    long hash = seed ^ length;
    int i = offset;
    int end = offset + length;
    for (; i + 8 <= end; i += 8) {
      hash = (hash ^ (long) LONGS.get(octets, i)) * 0x9e37_79b9_7f4a_7c15L;
      hash ^= hash >>> 29;
    }
    for (; i < end; i++) {
      hash = (hash ^ octets[i]) * 0x9e37_79b9_7f4a_7c15L;
    }
    return (int) (hash ^ hash >>> 32);
  }
}
