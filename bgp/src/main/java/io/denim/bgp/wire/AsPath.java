package io.denim.bgp.wire;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The autonomous systems a route came through, nearest first (RFC 4271 section 5.1.2, confederation
 * segments RFC 5065). Immutable; numbers are four octets wide (RFC 6793) whatever the session uses.
 * Held as one array: a word of type and count before the numbers of each segment.
 */
public final class AsPath {
  /** What an AS of more than two octets is called towards a peer that knows only two (RFC 6793). */
  public static final int AS_TRANS = 23456;

  /** The path of a route of one's own AS. */
  public static final AsPath EMPTY = new AsPath(new int[0]);

  private static final int MAX_COUNT = 255;

  private final int[] words;

  private AsPath(int[] words) {
    this.words = words;
  }

  /** The kind of a segment. */
  public enum SegmentType {
    /** AS_SET: unordered, the mark of an aggregate. */
    SET(1, "{", ",", "}"),
    /** AS_SEQUENCE: ordered. */
    SEQUENCE(2, "", " ", ""),
    /** AS_CONFED_SEQUENCE: ordered members of a confederation. */
    CONFED_SEQUENCE(3, "(", " ", ")"),
    /** AS_CONFED_SET: unordered members of a confederation. */
    CONFED_SET(4, "[", ",", "]");

    private static final List<SegmentType> ALL = List.of(values());

    private final int number;
    private final String open;
    private final String between;
    private final String close;

    SegmentType(int number, String open, String between, String close) {
      this.number = number;
      this.open = open;
      this.between = between;
      this.close = close;
    }

    private boolean isConfederation() {
      return this == CONFED_SEQUENCE || this == CONFED_SET;
    }
  }

  /**
   * One segment.
   *
   * @param numbers 1 to 255 AS numbers
   */
  public record Segment(SegmentType type, List<Long> numbers) {
    /** Checks the count and each number. */
    public Segment {
      numbers = List.copyOf(numbers);
      if (numbers.isEmpty() || numbers.size() > MAX_COUNT) {
        throw new IllegalArgumentException("a segment has 1 to 255 ASs, got " + numbers.size());
      }
      numbers.forEach(AsPath::checked);
    }
  }

  /** A path of these ASs in order. */
  public static AsPath of(long... sequence) {
    AsPath path = EMPTY;
    for (int i = sequence.length; i > 0; i--) {
      path = path.prepend(sequence[i - 1], 1);
    }
    return path;
  }

  /** A path of these segments. */
  public static AsPath of(List<Segment> segments) {
    int size = segments.stream().mapToInt(segment -> 1 + segment.numbers().size()).sum();
    int[] words = new int[size];
    int at = 0;
    for (Segment segment : segments) {
      words[at++] = header(segment.type(), segment.numbers().size());
      for (long as : segment.numbers()) {
        words[at++] = (int) as;
      }
    }
    return new AsPath(words);
  }

  /**
   * Reads the value of an AS_PATH or AS4_PATH.
   *
   * @param width octets a number, 2 or 4
   * @throws Malformed 3/11 for an unknown segment type, a count of 0, an overrun or AS 0 (RFC 7607)
   */
  static AsPath decode(byte[] block, int from, int length, int width) {
    int[] words = new int[length / 2];
    int count = 0;
    int end = from + length;
    int at = from;
    while (at < end) {
      if (end - at < 2) {
        throw fault("one octet is left behind its last segment");
      }
      int type = block[at] & 0xff;
      int numbers = block[at + 1] & 0xff;
      if (type < 1 || type > SegmentType.ALL.size()) {
        throw fault("its segment is of type " + type);
      }
      if (numbers == 0 || at + 2 + numbers * width > end) {
        throw fault("its segment counts " + numbers + " ASs, which is not what it has");
      }
      words[count++] = header(SegmentType.ALL.get(type - 1), numbers);
      at += 2;
      for (int i = 0; i < numbers; i++, at += width) {
        int as = width == 4 ? Octets.int32(block, at) : Octets.int16(block, at);
        if (as == 0) {
          throw fault("it contains AS 0");
        }
        words[count++] = as;
      }
    }
    return count == 0 ? EMPTY : new AsPath(Arrays.copyOf(words, count));
  }

  private static Malformed fault(String words) {
    return new Malformed(3, 11, words);
  }

  /** The octets of the value with numbers of this width. */
  int encodedLength(int width) {
    int length = 0;
    for (int at = 0; at < words.length; at += 1 + count(words[at])) {
      length += 2 + count(words[at]) * width;
    }
    return length;
  }

  /**
   * Writes the value with numbers of this width; a two-octet path says AS_TRANS for larger ones.
   */
  void encode(byte[] out, int from, int width) {
    int to = from;
    for (int at = 0; at < words.length; at += 1 + count(words[at])) {
      out[to++] = (byte) (words[at] >>> 8);
      out[to++] = (byte) words[at];
      for (int i = 1; i <= count(words[at]); i++, to += width) {
        int as = words[at + i];
        if (width == 4) {
          Octets.putInt32(out, to, as);
        } else {
          Octets.putInt16(out, to, as >>> 16 == 0 ? as : AS_TRANS);
        }
      }
    }
  }

  /** Whether some AS needs more than two octets. */
  boolean needsFourOctets() {
    for (int at = 0; at < words.length; at += 1 + count(words[at])) {
      for (int i = 1; i <= count(words[at]); i++) {
        if (words[at + i] >>> 16 != 0) {
          return true;
        }
      }
    }
    return false;
  }

  /** This path without its confederation segments, as AS4_PATH must be (RFC 6793 section 3). */
  AsPath withoutConfederation() {
    return hasConfederation()
        ? of(segments().stream().filter(segment -> !segment.type().isConfederation()).toList())
        : this;
  }

  /**
   * This path, read from a two-octet peer, with its tail replaced by the AS4_PATH that came along
   * (RFC 6793 section 4.2.3); unchanged when that is the longer one.
   */
  AsPath mergedWith(AsPath four) {
    int lead = length() - four.length();
    if (lead < 0) {
      return this;
    }
    List<Segment> merged = new ArrayList<>();
    for (Segment segment : segments()) {
      if (segment.type().isConfederation()) {
        merged.add(segment);
        continue;
      }
      if (lead == 0) {
        break;
      }
      boolean set = segment.type() == SegmentType.SET;
      List<Long> numbers = segment.numbers();
      int taken = set ? 1 : Math.min(lead, numbers.size());
      merged.add(set ? segment : new Segment(segment.type(), numbers.subList(0, taken)));
      lead -= taken;
    }
    merged.addAll(four.withoutConfederation().segments());
    return of(joined(merged));
  }

  /** Two sequences side by side become one, as the sender had them, if they fit. */
  private static List<Segment> joined(List<Segment> segments) {
    List<Segment> joined = new ArrayList<>();
    for (Segment segment : segments) {
      Segment last = joined.isEmpty() ? null : joined.getLast();
      if (last != null
          && last.type() == SegmentType.SEQUENCE
          && segment.type() == SegmentType.SEQUENCE
          && last.numbers().size() + segment.numbers().size() <= MAX_COUNT) {
        List<Long> both = new ArrayList<>(last.numbers());
        both.addAll(segment.numbers());
        joined.set(joined.size() - 1, new Segment(SegmentType.SEQUENCE, both));
      } else {
        joined.add(segment);
      }
    }
    return joined;
  }

  /** The segments, nearest first. */
  public List<Segment> segments() {
    List<Segment> segments = new ArrayList<>();
    for (int at = 0; at < words.length; at += 1 + count(words[at])) {
      List<Long> numbers = new ArrayList<>();
      for (int i = 1; i <= count(words[at]); i++) {
        numbers.add(words[at + i] & 0xffffffffL);
      }
      segments.add(new Segment(type(words[at]), numbers));
    }
    return List.copyOf(segments);
  }

  /** The length that paths are compared by: a set counts 1, confederation segments 0. */
  public int length() {
    int length = 0;
    for (int at = 0; at < words.length; at += 1 + count(words[at])) {
      length +=
          switch (type(words[at])) {
            case SET -> 1;
            case SEQUENCE -> count(words[at]);
            case CONFED_SEQUENCE, CONFED_SET -> 0;
          };
    }
    return length;
  }

  /** Whether there is no segment. */
  public boolean isEmpty() {
    return words.length == 0;
  }

  /** The first AS of a leading sequence: the neighbour's; 0 if there is none. */
  public long firstAs() {
    return !isEmpty() && type(words[0]) == SegmentType.SEQUENCE ? words[1] & 0xffffffffL : 0;
  }

  /** The last AS when the path ends in a sequence: the originator's; 0 if there is none. */
  public long originAs() {
    SegmentType last = null;
    for (int at = 0; at < words.length; at += 1 + count(words[at])) {
      last = type(words[at]);
    }
    return last == SegmentType.SEQUENCE ? words[words.length - 1] & 0xffffffffL : 0;
  }

  /** How often the AS occurs, in segments of every kind. */
  public int count(long as) {
    int found = 0;
    for (int at = 0; at < words.length; at += 1 + count(words[at])) {
      for (int i = 1; i <= count(words[at]); i++) {
        if ((words[at + i] & 0xffffffffL) == as) {
          found++;
        }
      }
    }
    return found;
  }

  /** Whether the AS occurs. */
  public boolean contains(long as) {
    return count(as) > 0;
  }

  /** Whether the path begins with these ASs, all in sequences. */
  public boolean startsWith(List<Long> prefix) {
    int matched = 0;
    for (int at = 0; at < words.length; at += 1 + count(words[at])) {
      for (int i = 1; i <= count(words[at]) && matched < prefix.size(); i++, matched++) {
        if (type(words[at]) != SegmentType.SEQUENCE
            || prefix.get(matched) != (words[at + i] & 0xffffffffL)) {
          return false;
        }
      }
    }
    return matched == prefix.size();
  }

  /** Whether there is an AS_SET or AS_CONFED_SET (deprecated by RFC 9774). */
  public boolean hasSet() {
    return has(SegmentType.SET, SegmentType.CONFED_SET);
  }

  /** Whether there is a confederation segment. */
  public boolean hasConfederation() {
    return has(SegmentType.CONFED_SEQUENCE, SegmentType.CONFED_SET);
  }

  private boolean has(SegmentType one, SegmentType other) {
    for (int at = 0; at < words.length; at += 1 + count(words[at])) {
      SegmentType type = type(words[at]);
      if (type == one || type == other) {
        return true;
      }
    }
    return false;
  }

  /** This path with the AS in front, so many times. */
  public AsPath prepend(long as, int times) {
    int number = checked(as);
    int[] path = words;
    for (int left = times; left > 0; ) {
      boolean grows =
          path.length > 0 && type(path[0]) == SegmentType.SEQUENCE && count(path[0]) < MAX_COUNT;
      int first = grows ? count(path[0]) : 0;
      int added = Math.min(left, MAX_COUNT - first);
      int kept = grows ? path.length - 1 : path.length;
      int[] longer = new int[1 + added + kept];
      longer[0] = header(SegmentType.SEQUENCE, first + added);
      Arrays.fill(longer, 1, 1 + added, number);
      System.arraycopy(path, path.length - kept, longer, 1 + added, kept);
      path = longer;
      left -= added;
    }
    return new AsPath(path);
  }

  private static int checked(long as) {
    if (as < 1 || as > 0xffffffffL) {
      throw new IllegalArgumentException("an AS number is 1 to 4294967295, got " + as);
    }
    return (int) as;
  }

  private static int header(SegmentType type, int count) {
    return type.number << 8 | count;
  }

  private static SegmentType type(int header) {
    return SegmentType.ALL.get((header >>> 8) - 1);
  }

  private static int count(int header) {
    return header & 0xff;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof AsPath path && Arrays.equals(words, path.words);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(words);
  }

  /** As operators write it: {@code 64512 64513 {1,2}}. */
  @Override
  public String toString() {
    List<String> texts = new ArrayList<>();
    for (Segment segment : segments()) {
      List<String> numbers = segment.numbers().stream().map(String::valueOf).toList();
      SegmentType type = segment.type();
      texts.add(type.open + String.join(type.between, numbers) + type.close);
    }
    return String.join(" ", texts);
  }
}
