package io.denim.router;

import io.denim.bgp.config.NextHopMode;
import io.denim.bgp.config.Role;
import io.denim.bgp.policy.Source;
import io.denim.bgp.policy.Verdict;
import io.denim.bgp.wire.AttributeSet;
import io.denim.net.Family;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** The words of the file that stand for one of a few values. */
final class Words {
  static final Map<String, Family> FAMILIES = of(Family.values(), Words::lower);
  static final Map<String, Source> SOURCES = of(Source.values(), Words::lower);
  static final Map<String, Verdict> VERDICTS = of(Verdict.values(), Words::lower);
  static final Map<String, NextHopMode> NEXT_HOPS = of(NextHopMode.values(), String::valueOf);
  static final Map<String, Role> ROLES = of(Role.values(), String::valueOf);
  static final Map<String, Integer> ORIGINS =
      of(
          new Integer[] {
            AttributeSet.ORIGIN_IGP, AttributeSet.ORIGIN_EGP, AttributeSet.ORIGIN_INCOMPLETE
          },
          origin -> origin == 0 ? "igp" : origin == 1 ? "egp" : "incomplete");

  private Words() {}

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static <T> Map<String, T> of(T[] values, Function<T, String> word) {
    Map<String, T> words = new LinkedHashMap<>();
    Arrays.stream(values).forEach(value -> words.put(word.apply(value), value));
    return Collections.unmodifiableMap(words);
  }
}
