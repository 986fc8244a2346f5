package io.denim.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.PeerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** docs/bgp.md against the reader of the file it describes. */
class RouterYamlDocsTest {
  private static final String DOCS = docs();
  private static final String EXAMPLE =
      DOCS.substring(DOCS.indexOf("```yaml\n") + 8, DOCS.indexOf("\n```", DOCS.indexOf("```yaml")));

  private static String docs() {
    try {
      return Files.readString(Path.of("../docs/bgp.md"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theExampleIsAFileThatCanBeRun() {
    RouterConfig config = RouterYaml.parse("docs/bgp.md", EXAMPLE);

    assertThat(config.speaker().peers())
        .extracting(PeerConfig::name)
        .containsExactly("tor-1", "tor-2", "node-7");
    assertThat(config.speaker().ranges()).hasSize(1);
    assertThat(config.speaker().routes()).hasSize(2);
    assertThat(config.bmp()).hasSize(1);
  }

  static Stream<String> keys() {
    return Stream.of(
            RouterYaml.KEYS,
            RouterYaml.LISTEN_KEYS,
            RouterYaml.GRACEFUL_RESTART_KEYS,
            PeerYaml.PEER_KEYS,
            PeerYaml.RANGE_KEYS,
            PeerYaml.GRACEFUL_RESTART_KEYS,
            FamilyYaml.KEYS,
            FamilyYaml.LIMIT_KEYS,
            PolicyYaml.RULE_KEYS,
            PolicyYaml.CONDITION_KEYS,
            PolicyYaml.ACTION_KEYS,
            RouteYaml.ROUTE_KEYS,
            RouteYaml.AGGREGATE_KEYS)
        .flatMap(List::stream)
        .distinct();
  }

  @ParameterizedTest
  @MethodSource("keys")
  void everyKeyIsDescribed(String key) {
    String tables = DOCS.substring(DOCS.indexOf("### The router"));
    assertThat(tables).containsPattern("[`{ ]" + key + "[`:,}]");
  }

  /** Files that are nearly right go deeper than random text. */
  @Property(tries = 2000)
  void aDamagedExampleIsReadOrRefusedWithItsProblems(@ForAll long seed) {
    Random random = new Random(seed);
    List<String> parts = new ArrayList<>(List.of(EXAMPLE.split("(?<=[\\s,:{}\\[\\]/])")));
    List<UnaryOperator<String>> damages =
        List.of(
            _ -> "",
            part -> part + part,
            _ -> parts.get(random.nextInt(parts.size())),
            _ -> "-1 ",
            _ -> "[] ",
            _ -> "{} ",
            _ -> "99999999999999999999 ",
            _ -> "~ ",
            _ -> "\n",
            _ -> "*pods ",
            part -> part.substring(random.nextInt(part.length() + 1)));

    for (int i = 1 + random.nextInt(6); i > 0; i--) {
      int at = random.nextInt(parts.size());
      parts.set(at, damages.get(random.nextInt(damages.size())).apply(parts.get(at)));
    }

    RouterYamlTest.readOrFail(String.join("", parts));
  }
}
