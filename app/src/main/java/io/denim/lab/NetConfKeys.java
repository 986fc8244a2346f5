package io.denim.lab;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Which keys flannel's net-conf.json has, in any case as Go's encoding/json reads them. It serves
 * the defaults, which have to be known before the whole can be read as a {@code FlannelConfig};
 * what is of a wrong type counts as not given, because that reader will say so.
 */
final class NetConfKeys {
  private NetConfKeys() {}

  /** Whether pods have IPv4 addresses: they do unless EnableIPv4 is false. */
  static boolean usesV4(JsonNode netConf) {
    return find(netConf, "EnableIPv4").map(value -> value.asBoolean(true)).orElse(true);
  }

  /** Whether pods have IPv6 addresses: they do if EnableIPv6 is true. */
  static boolean usesV6(JsonNode netConf) {
    return find(netConf, "EnableIPv6").map(value -> value.asBoolean(false)).orElse(false);
  }

  /** The value of a key; of two spellings the later one. */
  static Optional<JsonNode> find(JsonNode netConf, String key) {
    String wanted = key.toLowerCase(Locale.ROOT);
    return netConf
        .propertyStream()
        .filter(each -> each.getKey().toLowerCase(Locale.ROOT).equals(wanted))
        .reduce((first, second) -> second)
        .map(Map.Entry::getValue);
  }
}
