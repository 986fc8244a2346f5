package io.denim.lab;

import io.denim.net.Cidr;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The networks that pods get their addresses from, as flannel's net-conf.json names them. Only what
 * the lab has to know is read: the keys in any case (as Go's encoding/json does), and what is no
 * CIDR counts as not given, because the agent will refuse it with better words.
 *
 * @param v4 Network, when IPv4 is on (it is unless EnableIPv4 says otherwise)
 * @param v6 IPv6Network, when EnableIPv6 is on
 */
record PodNetworks(Optional<Cidr> v4, Optional<Cidr> v6) {

  static PodNetworks of(JsonNode netConf) {
    return new PodNetworks(
        usesV4(netConf) ? cidr(netConf, "Network") : Optional.empty(),
        usesV6(netConf) ? cidr(netConf, "IPv6Network") : Optional.empty());
  }

  static boolean usesV4(JsonNode netConf) {
    return find(netConf, "EnableIPv4").map(value -> value.asBoolean(true)).orElse(true);
  }

  static boolean usesV6(JsonNode netConf) {
    return find(netConf, "EnableIPv6").map(value -> value.asBoolean(false)).orElse(false);
  }

  /** The value of a key in any case; of two spellings the later one. */
  static Optional<JsonNode> find(JsonNode netConf, String key) {
    String wanted = key.toLowerCase(Locale.ROOT);
    return netConf
        .propertyStream()
        .filter(each -> each.getKey().toLowerCase(Locale.ROOT).equals(wanted))
        .reduce((first, second) -> second)
        .map(Map.Entry::getValue);
  }

  private static Optional<Cidr> cidr(JsonNode netConf, String key) {
    return find(netConf, key)
        .filter(JsonNode::isString)
        .flatMap(n -> Cidr.tryParse(n.stringValue()));
  }
}
