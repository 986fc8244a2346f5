package io.denim.linux.nft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.linux.nft.ForeignRules.Found;
import io.denim.linux.nft.TableState.Family;
import io.denim.linux.ns.Namespace;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ForeignRulesIT {
  private Namespace node;
  private ForeignRules rules;

  @BeforeEach
  void open() {
    node = Namespace.create();
    rules = ForeignRules.open(node);
  }

  @AfterEach
  void close() {
    rules.close();
    node.close();
  }

  private String run(String... command) {
    return node.call(() -> {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(String.join(" ", command) + ": " + out).isZero();
      return out;
    });
  }

  @Test
  void rulesOfIptablesAreFoundWithTheirCommentsAndTargets() {
    run("iptables-nft", "-t", "nat", "-N", "CNI-1");
    for (String chain : List.of("CNI-1", "POSTROUTING")) {
      run(
          ("iptables-nft -t nat -A "
                  + chain
                  + " -d 10.244.0.0/16 -j "
                  + (chain.equals("CNI-1") ? "ACCEPT" : "CNI-1")
                  + " -m comment --comment")
              .concat(" a\u00a0b")
              .split(" "));
    }
    assertThat(rules.read(Family.IP, "nat"))
        .extracting(Found::chain, Found::target, Found::comment)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("CNI-1", Optional.empty(), "a\u00a0b"),
            org.assertj.core.groups.Tuple.tuple("POSTROUTING", Optional.of("CNI-1"), "a\u00a0b"));
    assertThat(rules.read(Family.IP6, "nat")).isEmpty();
  }

  @Test
  void rulesGoByTheirHandlesAndChainsWithAllThatIsInThem() {
    run("nft", "add table inet t; add chain inet t a; add chain inet t b");
    run("nft", "add rule inet t a accept; add rule inet t a counter comment \"two\"");
    run("nft", "add rule inet t b goto a comment \"to a\"; add rule inet t b drop comment \"b\"");
    List<Found> found = rules.read(Family.INET, "t");
    assertThat(found).extracting(Found::comment).containsExactly("", "two", "to a", "b");
    List<Found> leading =
        found.stream().filter(rule -> rule.target().equals(Optional.of("a"))).toList();

    rules.delete(Family.INET, "t", leading, List.of("a"));

    assertThat(run("nft", "list table inet t"))
        .contains("chain b", "drop comment \"b\"")
        .doesNotContain("chain a", "goto");
  }

  @Test
  void aChainToWhichOtherRulesLeadIsRefusedAndNothingHasChanged() {
    run("nft", "add table inet t; add chain inet t a; add chain inet t b");
    run("nft", "add rule inet t a accept; add rule inet t b jump a");
    String before = run("nft", "list table inet t");
    assertThatThrownBy(() -> rules.delete(Family.INET, "t", List.of(), List.of("a")))
        .hasMessageStartingWith("cannot delete chain t a: EBUSY");
    assertThat(run("nft", "list table inet t")).isEqualTo(before);
  }

  @Test
  void aTableThatIsNotThereHasNoRules() {
    assertThat(rules.read(Family.INET, "t")).isEmpty();
    rules.delete(Family.INET, "t", List.of(), List.of());
  }
}
