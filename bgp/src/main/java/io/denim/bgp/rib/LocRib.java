package io.denim.bgp.rib;

import io.denim.bgp.wire.UpdateEncoder;
import io.denim.bgp.wire.UpdateWriter;
import io.denim.net.Family;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;

/**
 * The best routes of a family (Loc-RIB, RFC 4271 1.1) as one who follows them knows them: by
 * whoever they are, to whomever they may be told, with the attributes that the import policy left.
 * He asks for part after part ({@link #next}) and is given each as soon as there is one; what
 * changes meanwhile is remembered as one bit a prefix, so that whoever asks seldom is told less,
 * and never what has changed again since. The first parts are the whole table, and End-of-RIB
 * follows them.
 *
 * <p>Made by {@link Rib#follow}. Takes 4 octets and a bit for each prefix; a change of a best path
 * costs a comparison, and the octets that are handed over.
 */
public final class LocRib implements RoutingTable.Reader {
  /** So many prefixes are a part: with as many sets of attributes, some milliseconds of work. */
  private static final int PART = 4096;

  private static final int NONE = PathTable.NONE;
  private static final long NO_PATH_ID = -1;

  private final RoutingTable table;
  private final AttributeTable attributes;
  private final Consumer<List<byte[]>> follower;
  private final UpdateWriter writer = new UpdateWriter();
  private final Batch gone = new Batch();
  private final Batch chosen = new Batch();

  /** The number of the attributes that were told of a prefix. */
  private final Ints told = new Ints(NONE);

  /** The prefixes of which something else is to be told than was. */
  private final BitSet waiting = new BitSet();

  /** What went away until this version of the table was told, while something waits. */
  private int since;

  private int place;
  private boolean asked;
  private boolean whole;

  LocRib(RoutingTable table, AttributeTable attributes, Consumer<List<byte[]>> follower) {
    this.table = table;
    this.attributes = attributes;
    this.follower = follower;
    for (int prefix = 0; prefix < table.prefixes().end(); prefix++) {
      look(prefix);
    }
    table.readers().add(this);
    table.locRibs().add(this);
  }

  /**
   * The follower takes another part, now or as soon as there is one: UPDATEs with AS numbers of
   * four octets and without path identifiers, and after the whole table End-of-RIB.
   */
  public void next() {
    asked = true;
    if (table.dirtyCount() == 0) {
      tell();
    }
    // Else the flush that comes does it.
  }

  /** Nobody follows any more. */
  public void end() {
    table.locRibs().remove(this);
    table.readers().remove(this);
  }

  /** Sees the prefixes for which was chosen anew. */
  void flushed(Ints prefixes, int count) {
    for (int i = 0; i < count; i++) {
      look(prefixes.get(i));
    }
    tell();
  }

  private void look(int prefix) {
    told.fit(prefix);
    boolean differs = attributes(prefix) != told.get(prefix);
    if (differs && waiting.isEmpty()) {
      // Whether what goes away now makes a version of its own depends on who else is told.
      since = table.version() - 1;
    }
    waiting.set(prefix, differs);
  }

  private int attributes(int prefix) {
    int best = table.best(prefix);
    return best == NONE ? NONE : table.paths().attributes(best);
  }

  private void tell() {
    while (asked && !(whole && waiting.isEmpty())) {
      List<byte[]> part = part();
      asked = part.isEmpty();
      if (!asked) {
        follower.accept(part);
      }
    }
  }

  /**
   * From where the last one ended, so that each prefix has its turn however often others change.
   */
  private List<byte[]> part() {
    int prefix = waiting.nextSetBit(place);
    for (int count = 0; prefix >= 0 && count < PART; count++) {
      int now = attributes(prefix);
      told.set(prefix, now);
      waiting.clear(prefix);
      if (now == NONE) {
        gone.add(0, prefix);
      } else {
        chosen.add(now, prefix);
      }
      place = prefix + 1;
      prefix = waiting.nextSetBit(place);
    }
    List<byte[]> part = written();
    if (prefix < 0) {
      place = 0;
      if (!whole) {
        whole = true;
        part.add(UpdateEncoder.endOfRib(table.family()));
      }
    }
    return part;
  }

  private List<byte[]> written() {
    Family family = table.family();
    if (!gone.isEmpty()) {
      writer.withdraw(family);
      add(gone, 0);
    }
    for (int i = 0; i < chosen.buckets(); i++) {
      int set = chosen.bucket(i);
      if (!writer.announce(family, attributes.get(set), true)) {
        writer.withdraw(family);
      }
      add(chosen, set);
    }
    gone.clear();
    chosen.clear();
    return writer.take();
  }

  private void add(Batch batch, int bucket) {
    PrefixTable prefixes = table.prefixes();
    for (int run = batch.first(bucket); run >= 0; run = batch.next(run)) {
      for (int place = batch.from(run); place < batch.to(run); place++) {
        int prefix = batch.prefix(place);
        writer.add(
            NO_PATH_ID, prefixes.high(prefix), prefixes.low(prefix), prefixes.length(prefix));
      }
    }
  }

  @Override
  public int clean() {
    return waiting.isEmpty() ? table.version() : since;
  }

  /** Adds the numbers of attributes that were told and are not those that are there now. */
  void addUsed(BitSet used) {
    waiting.stream().map(told::get).filter(set -> set != NONE).forEach(used::set);
  }
}
