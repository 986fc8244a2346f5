package io.denim.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.net.IpAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NodeFactsTest {
  @Test
  void whatIsWrittenIsReadBack() {
    NodeFacts facts =
        new NodeFacts(
            "n1",
            SubnetKey.parse("10.1.0.0-24&fd00::-64"),
            List.of(IpAddress.parse("192.168.0.1"), IpAddress.parse("fd00::1")));

    assertThat(facts.format())
        .isEqualTo(
            "{\"node\":\"n1\",\"subnet\":\"10.1.0.0-24&fd00::-64\",\"addresses\":[\"192.168.0.1\",\"fd00::1\"]}");
    assertThat(NodeFacts.parse(facts.format())).isEqualTo(facts);
  }

  @Test
  void whatANewerDenimAddsIsIgnored() {
    assertThat(NodeFacts.parse("{\"later\":{},\"node\":\"n1\",\"subnet\":\"10.1.0.0-24\"}"))
        .isEqualTo(new NodeFacts("n1", SubnetKey.parse("10.1.0.0-24"), List.of()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "{\"node\":7,\"subnet\":\"10.1.0.0-24\"}",
        "{\"node\":\"n\",\"subnet\":\"x\"}",
        "{\"node\":\"n\",\"subnet\":\"10.1.0.0-24\",\"addresses\":[\"x\"]}",
        "{\"node\":\"n\",\"subnet\":\"10.1.0.0-24\",\"addresses\":[null]}",
      })
  void whatIsNoSuchRecordIsRefused(String json) {
    assertThatThrownBy(() -> NodeFacts.parse(json)).isInstanceOf(InvalidConfigException.class);
  }
}
