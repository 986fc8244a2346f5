package io.denim.store.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.model.Json;
import io.denim.store.Key;
import io.denim.store.Lifetime;
import java.time.Duration;
import java.time.Instant;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonParser;

final class StoredTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Key KEY = new Key("subnets", "10.5.52.0-24");

  static Stored read(String json) {
    try (JsonParser parser = Json.mapper().createParser(json)) {
      parser.nextToken();
      return Stored.read(parser);
    }
  }

  @Property
  void whatIsWrittenIsRead(
      @ForAll String value, @ForAll @LongRange(min = 1, max = 1L << 40) long ttl) {
    // A lone surrogate is no text: UTF-8 has no place for it.
    String text =
        new String(
            value.getBytes(java.nio.charset.StandardCharsets.UTF_8),
            java.nio.charset.StandardCharsets.UTF_8);
    Duration duration = Duration.ofMillis(ttl);

    Stored stored = read(Stored.write(KEY, text, Lifetime.ttl(duration), NOW, "17"));

    assertThat(stored.value()).isEqualTo(text);
    assertThat(stored.name()).isEqualTo(KEY.name());
    assertThat(stored.resourceVersion()).isEqualTo("17");
    assertThat(stored.end()).contains(NOW.plus(duration));
    assertThat(stored.belongsTo("subnets")).isTrue();
  }

  @Test
  void anEntryThatStaysHasNoEnd() {
    Stored stored = read(Stored.write(KEY, "x", Lifetime.permanent(), NOW, ""));

    assertThat(stored.end()).isEmpty();
    assertThat(stored.expired(NOW.plus(Duration.ofDays(9999)))).isFalse();
  }

  @Test
  void itEndsWithItsLastInstant() {
    Stored stored = read(Stored.write(KEY, "x", Lifetime.ttl(Duration.ofSeconds(5)), NOW, ""));

    assertThat(stored.expired(NOW.plusMillis(4999))).isFalse();
    assertThat(stored.expired(NOW.plusMillis(5000))).isTrue();
  }

  @Test
  void aConfigMapThatAPersonCopiedBelongsToNobody() {
    String copy =
        Stored.write(KEY, "x", Lifetime.permanent(), NOW, "").replace("subnets-x-10", "copy-10");

    assertThat(read(copy).belongsTo("subnets")).isFalse();
    assertThat(read("{}").belongsTo("subnets")).isFalse();
  }

  @Test
  void anEndThatNobodyCanReadIsNone() {
    String strange =
        Stored.write(KEY, "x", Lifetime.ttl(Duration.ofSeconds(5)), NOW, "")
            .replace("2026-01-01T00:00:05Z", "soon");

    assertThat(read(strange).end()).isEmpty();
  }
}
