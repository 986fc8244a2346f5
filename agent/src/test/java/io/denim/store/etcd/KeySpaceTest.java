package io.denim.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.denim.store.Key;
import io.denim.store.Revision;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

final class KeySpaceTest {
  private final KeySpace keys = new KeySpace("/coreos.com/network");

  @Test
  void keysAreFlannels() {
    assertThat(keys.name(new Key("", "config"))).isEqualTo(bytes("/coreos.com/network/config"));
    assertThat(keys.name(new Key("subnets", "10.12.13.0-24&fd00:12:13::-56")))
        .isEqualTo(bytes("/coreos.com/network/subnets/10.12.13.0-24&fd00:12:13::-56"));
  }

  @Test
  void theRootAndARelativePathArePrefixesToo() {
    assertThat(new KeySpace("/").name(new Key("", "config"))).isEqualTo(bytes("/config"));
    assertThat(new KeySpace("/").span("").from()).isEqualTo(bytes("/"));
    assertThat(new KeySpace("a").name(new Key("", "config"))).isEqualTo(bytes("a/config"));
  }

  @Test
  void aCollectionEndsBehindItsSlash() {
    assertThat(keys.span("subnets"))
        .isEqualTo(
            new KeySpace.Span(
                bytes("/coreos.com/network/subnets/"), bytes("/coreos.com/network/subnets0")));
    assertThat(keys.span(""))
        .isEqualTo(new KeySpace.Span(bytes("/coreos.com/network/"), bytes("/coreos.com/network0")));
  }

  @Test
  void whatIsElsewhereIsNoKeyOfTheCollection() {
    assertThat(keys.key("subnets", bytes("/coreos.com/network/subnetsX"))).isEmpty();
    assertThat(keys.key("subnets", bytes("/coreos.com/network/subnets/"))).isEmpty();
    assertThat(keys.key("", bytes("/coreos.com/network/subnets/x"))).isEmpty();
    assertThat(keys.key("", bytes("/elsewhere/config"))).isEmpty();
    assertThat(
            keys.key(
                "subnets",
                bytes("/coreos.com/network/subnets/").concat(ByteString.copyFrom(new byte[] {-1}))))
        .isEmpty();
  }

  @Test
  void aReadingWithoutCollectionLeapsOverThoseBelow() {
    assertThat(keys.behind("", bytes("/coreos.com/network/subnets/10.0.0.0-24")))
        .isEqualTo(bytes("/coreos.com/network/subnets0"));
    assertThat(keys.behind("", bytes("/coreos.com/network/config")))
        .isEqualTo(bytes("/coreos.com/network/config\0"));
    assertThat(keys.behind("subnets", bytes("/coreos.com/network/subnets/a/b")))
        .isEqualTo(bytes("/coreos.com/network/subnets/a/b\0"));
  }

  @Property
  void aKeyIsReadBackFromItsName(
      @ForAll @StringLength(max = 8) @AlphaChars String collection,
      @ForAll @StringLength(min = 1, max = 8) @AlphaChars @Chars({'.', '-', '&', ':', 'ä'})
          String name) {
    Key key = new Key(collection, name);

    assertThat(keys.key(collection, keys.name(key))).contains(key);
  }

  @Test
  void aRevisionOfAnotherStoreIsRefused() {
    assertThat(KeySpace.number(KeySpace.revision(7))).isEqualTo(7);
    assertThatThrownBy(() -> KeySpace.number(new Revision("x")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"x\" is no revision of etcd");
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }
}
