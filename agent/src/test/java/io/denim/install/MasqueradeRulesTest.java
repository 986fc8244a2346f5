package io.denim.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.install.MasqueradeRules.Doomed;
import io.denim.linux.nft.ForeignRules.Found;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MasqueradeRulesTest {
  private static final String MINE = "name: \"mynet\" id: \"c1\"";
  private static final String OTHERS = "name: \"mynet2\" id: \"c2\"";

  private static Found rule(String chain, long handle, String comment) {
    return new Found(chain, handle, Optional.empty(), comment);
  }

  private static Found jump(String target, long handle, String comment) {
    return new Found("POSTROUTING", handle, Optional.of(target), comment);
  }

  @Test
  void aContainersChainGoesWithTheRuleThatLeadsToIt() {
    Found jump = jump("CNI-1", 3, MINE);
    assertThat(
            MasqueradeRules.ofIptables(
                "mynet", List.of(rule("CNI-1", 1, MINE), rule("CNI-1", 2, MINE), jump)))
        .isEqualTo(new Doomed(List.of(jump), List.of("CNI-1")));
  }

  @Test
  void otherNetworksAndOtherRulesStay() {
    assertThat(
            MasqueradeRules.ofIptables(
                    "mynet",
                    List.of(
                        rule("CNI-2", 1, OTHERS),
                        jump("CNI-2", 2, OTHERS),
                        rule("POSTROUTING", 3, ""),
                        rule("KUBE-SVC", 4, "kubernetes service"),
                        jump("KUBE-POSTROUTING", 5, "kubernetes postrouting rules")))
                .isEmpty())
        .isTrue();
  }

  @Test
  void aChainThatSomebodyElseUsesTooStays() {
    Found mine = rule("CNI-1", 1, MINE);
    assertThat(
            MasqueradeRules.ofIptables(
                "mynet", List.of(mine, rule("CNI-1", 2, "by hand"), jump("CNI-3", 3, "by hand"))))
        .isEqualTo(new Doomed(List.of(mine), List.of()));
    Found jump = jump("CNI-1", 4, MINE);
    assertThat(
            MasqueradeRules.ofIptables("mynet", List.of(mine, jump, jump("CNI-1", 5, "by hand"))))
        .isEqualTo(new Doomed(List.of(mine, jump), List.of()));
  }

  @Test
  void aFlushedChainGoesToo() {
    Found jump = jump("CNI-1", 3, MINE);
    assertThat(MasqueradeRules.ofIptables("mynet", List.of(jump)))
        .isEqualTo(new Doomed(List.of(jump), List.of("CNI-1")));
  }

  @Test
  void rulesOfTheNftablesKindAreKnownByTheHashOfTheNetworksName() {
    Found mine =
        rule(
            "masq_checks",
            3,
            "d23676b4f2d9fe04-0123456789abcdef, net: mynet, if: eth0, id: 0123456789");
    Found other =
        rule(
            "masq_checks",
            4,
            "0123456789abcdef-0123456789abcdef, net: other, if: eth0, id: net: mynet");
    assertThat(MasqueradeRules.ofNftables("mynet", List.of(mine, other)))
        .isEqualTo(new Doomed(List.of(mine), List.of()));
  }
}
