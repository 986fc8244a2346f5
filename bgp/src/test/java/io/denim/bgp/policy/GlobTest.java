package io.denim.bgp.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class GlobTest {
  @Property
  void aGlobMatchesAsTheRegularExpressionOfItsMeaning(
      @ForAll @CharRange(from = 'a', to = 'b') @Chars({'*', '?'}) @StringLength(min = 1, max = 6)
          String pattern,
      @ForAll @CharRange(from = 'a', to = 'b') @StringLength(max = 8) String name) {
    String regex =
        pattern
            .chars()
            .mapToObj(c -> c == '*' ? ".*" : c == '?' ? "." : Pattern.quote("" + (char) c))
            .collect(Collectors.joining());

    assertThat(new Glob(pattern).matches(name)).isEqualTo(name.matches(regex));
  }

  @Test
  void manyStarsCostLittle() {
    assertThat(new Glob("*a".repeat(50) + "b").matches("a".repeat(2000))).isFalse();
  }

  @Test
  void anEmptyPatternIsRefused() {
    assertThatThrownBy(() -> new Glob("")).hasMessage("a pattern of names is not empty");
  }
}
