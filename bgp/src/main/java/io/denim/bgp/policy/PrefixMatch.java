package io.denim.bgp.policy;

import io.denim.net.Cidr;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Prefixes inside another, of some lengths, as routers' prefix lists have them.
 *
 * @param prefix what they lie inside
 * @param min the least length, not less than that of {@code prefix}
 * @param max the greatest length
 */
public record PrefixMatch(Cidr prefix, int min, int max) implements Comparable<PrefixMatch> {
  /** What {@link #parse} reads, for messages. */
  public static final String ALLOWED =
      "such as 10.0.0.0/8 (exactly), 10.0.0.0/8 ge 24, 10.0.0.0/8 le 24 or 10.0.0.0/8 ge 16 le 24";

  private static final Pattern TEXT =
      Pattern.compile("(\\S+)(?:\\s+ge\\s+(\\d{1,3}))?(?:\\s+le\\s+(\\d{1,3}))?");

  /** Checks that the lengths are possible and in order. */
  public PrefixMatch {
    if (min < prefix.length() || max < min || max > prefix.family().bits()) {
      throw new IllegalArgumentException(
          "the lengths inside "
              + prefix
              + " are "
              + prefix.length()
              + " to "
              + prefix.family().bits()
              + " in ascending order, got "
              + min
              + " to "
              + max);
    }
  }

  /** This prefix only. */
  public static PrefixMatch exactly(Cidr prefix) {
    return new PrefixMatch(prefix, prefix.length(), prefix.length());
  }

  /** This prefix and all inside it. */
  public static PrefixMatch within(Cidr prefix) {
    return new PrefixMatch(prefix, prefix.length(), prefix.family().bits());
  }

  /**
   * Reads {@code prefix [ge length] [le length]}. Without both the prefix itself is meant; {@code
   * ge} alone goes up to single addresses, {@code le} alone begins at the prefix.
   *
   * @throws IllegalArgumentException naming the text and what is allowed
   */
  public static PrefixMatch parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is no match of prefixes; allowed: " + ALLOWED);
    }
    Cidr prefix = Cidr.strict(matcher.group(1));
    Optional<Integer> ge = Optional.ofNullable(matcher.group(2)).map(Integer::valueOf);
    Optional<Integer> le = Optional.ofNullable(matcher.group(3)).map(Integer::valueOf);
    return new PrefixMatch(
        prefix,
        ge.orElse(prefix.length()),
        le.orElse(ge.isPresent() ? prefix.family().bits() : prefix.length()));
  }

  /** Whether a prefix is one of these. */
  public boolean matches(Cidr candidate) {
    return candidate.length() >= min && candidate.length() <= max && prefix.contains(candidate);
  }

  @Override
  public int compareTo(PrefixMatch other) {
    int order = prefix.compareTo(other.prefix);
    if (order == 0) {
      order = Integer.compare(min, other.min);
    }
    return order != 0 ? order : Integer.compare(max, other.max);
  }

  /** The shortest text that {@link #parse} reads as this. */
  @Override
  public String toString() {
    int bits = prefix.family().bits();
    if (min == prefix.length()) {
      return max == min ? prefix.toString() : prefix + " le " + max;
    }
    return max == bits ? prefix + " ge " + min : prefix + " ge " + min + " le " + max;
  }
}
