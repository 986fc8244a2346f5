package io.denim.attach;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.cni.CniException;
import io.denim.model.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a call of the plugin came to. */
record Answer(int exitCode, String out) {
  static Answer of(byte[] octets) {
    return new Answer(octets[0], new String(octets, 1, octets.length - 1, StandardCharsets.UTF_8));
  }

  JsonNode json() {
    return Json.mapper().readTree(out);
  }

  /** It succeeded with a result. */
  Answer assertAdded() {
    assertThat(exitCode).as(out).isZero();
    assertThat(out).startsWith("{\"cniVersion\":");
    return this;
  }

  /** It succeeded and prints nothing. */
  void assertDone() {
    assertThat(out).isEmpty();
    assertThat(exitCode).isZero();
  }

  /** It failed with this code; gives message and details. */
  String assertError(CniException.Code code) {
    assertThat(exitCode).as("exit code with: " + out).isEqualTo(1);
    JsonNode error = json();
    assertThat(Set.copyOf(error.propertyNames()))
        .isSubsetOf("cniVersion", "code", "msg", "details")
        .contains("cniVersion", "code", "msg");
    assertThat(error.get("code").asInt()).as(out).isEqualTo(code.number());
    return error.get("msg").asString() + " " + error.path("details").asString("");
  }

  /** The addresses of the result, with their lengths. */
  List<String> addresses() {
    assertAdded();
    return texts("ips", "address");
  }

  /** The first address of the result, without its length. */
  String ip() {
    return ip(0);
  }

  String ip(int number) {
    return addresses().get(number).replaceFirst("/.*", "");
  }

  /** The node's end of the veth. */
  String hostDevice() {
    assertAdded();
    return texts("interfaces", "name").get(1);
  }

  private List<String> texts(String list, String key) {
    List<String> texts = new ArrayList<>();
    json().path(list).forEach(each -> texts.add(each.path(key).asString("")));
    return texts;
  }

  /** A configuration with this as its {@code prevResult}. */
  String behind(String config) {
    assertAdded();
    ObjectNode with = (ObjectNode) Json.mapper().readTree(config);
    with.set("prevResult", json());
    return with.toString();
  }
}
