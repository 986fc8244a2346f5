package io.denim.store.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.store.Key;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

final class ConfigMapNamesTest {
  /** RFC 1123, as Kubernetes demands it of names. */
  private static final String NAME =
      "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";

  private static final String LABEL = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

  @Test
  void usualNamesCanBeReadByAPerson() {
    assertThat(ConfigMapNames.name(new Key("subnets", "10.5.52.0-24")))
        .isEqualTo("subnets-x-10.5.52.0-24");
    assertThat(ConfigMapNames.name(new Key("denim/nodes", "worker-1.example.com")))
        .isEqualTo("denimx2fnodes-x-worker-1.ex78ample.com");
    assertThat(ConfigMapNames.name(new Key("", "config"))).isEqualTo("x-config");
    assertThat(ConfigMapNames.label("")).isEqualTo("x");
    assertThat(ConfigMapNames.label("denim/nodes")).isEqualTo("denimx2fnodes");
  }

  private static Key key(String collection, String name) {
    Assume.that(
        !name.isEmpty()
            && !collection.startsWith("/")
            && !collection.endsWith("/")
            && !(collection.isEmpty() && name.contains("/")));
    return new Key(collection, name);
  }

  @Property
  void everyKeyHasANameThatKubernetesAllows(
      @ForAll @StringLength(max = 150) String collection,
      @ForAll @StringLength(max = 300) String name) {
    Key key = key(collection, name);

    assertThat(ConfigMapNames.name(key)).matches(NAME).hasSizeLessThanOrEqualTo(253);
    assertThat(ConfigMapNames.label(collection)).matches(LABEL).hasSizeLessThanOrEqualTo(63);
  }

  @Property
  void differentKeysHaveDifferentNames(
      @ForAll
          @StringLength(max = 6)
          @net.jqwik.api.constraints.Chars({'x', '-', '.', '2', 'f', '/'})
          String one,
      @ForAll
          @StringLength(max = 6)
          @net.jqwik.api.constraints.Chars({'x', '-', '.', '2', 'f', '/'})
          String first,
      @ForAll
          @StringLength(max = 6)
          @net.jqwik.api.constraints.Chars({'x', '-', '.', '2', 'f', '/'})
          String other,
      @ForAll
          @StringLength(max = 6)
          @net.jqwik.api.constraints.Chars({'x', '-', '.', '2', 'f', '/'})
          String second) {
    Key a = key(one, first);
    Key b = key(other, second);

    assertThat(ConfigMapNames.name(a).equals(ConfigMapNames.name(b))).isEqualTo(a.equals(b));
    assertThat(ConfigMapNames.label(one).equals(ConfigMapNames.label(other)))
        .isEqualTo(one.equals(other));
  }
}
