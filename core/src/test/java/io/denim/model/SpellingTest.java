package io.denim.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpellingTest {
  private static final List<String> KNOWN = List.of("subnets", "routers", "nodes", "mtu");

  @Test
  void aLetterWrongMissingTooManyOrSwappedIsForgiven() {
    assertThat(Spelling.nearest("subnetz", KNOWN)).contains("subnets");
    assertThat(Spelling.nearest("routrs", KNOWN)).contains("routers");
    assertThat(Spelling.nearest("nnodes", KNOWN)).contains("nodes");
    assertThat(Spelling.nearest("mut", KNOWN)).contains("mtu");
    assertThat(Spelling.nearest("Nodes", KNOWN)).contains("nodes");
  }

  @Test
  void anotherWordIsNotGuessedAt() {
    assertThat(Spelling.nearest("latency", KNOWN)).isEmpty();
    assertThat(Spelling.nearest("", KNOWN)).isEmpty();
    assertThat(Spelling.nearest("b", List.of("a"))).isEmpty();
  }
}
