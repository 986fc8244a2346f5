package io.denim.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** Configurations for tests. */
final class Configs {
  private Configs() {}

  /** A configuration of a type with more keys; single quotes stand for double ones. */
  static String json(String type, String keys) {
    return "{'cniVersion':'1.0.0','name':'cbr0','type':'%s'%s}"
        .formatted(type, keys.isEmpty() ? "" : "," + keys)
        .replace('\'', '"');
  }

  static BridgeConfig bridge(String keys) {
    return (BridgeConfig) PluginConfig.parse(json("bridge", keys));
  }

  static BridgeConfig denim(String keys) {
    return (BridgeConfig) PluginConfig.parse(json("denim-cni", keys));
  }

  /** The error of a configuration, which has this code and begins so. */
  static void assertRefused(String json, int code, String message) {
    CniException error = catchThrowableOfType(CniException.class, () -> PluginConfig.parse(json));

    assertThat(error).as(json).isNotNull();
    assertThat(error).hasMessageStartingWith(message.replace('\'', '"'));
    assertThat(error.code().number()).isEqualTo(code);
  }
}
