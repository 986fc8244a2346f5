package io.denim.attach;

/** Configurations as runtimes hand them over. */
final class Config {
  /** The name of the network. */
  static final String NETWORK = "pods";

  /** The node's own network, with every default. */
  static final String DENIM = denim("");

  private Config() {}

  /** Of this version, with more keys, such as {@code "mtu":1400}. */
  static String of(String version, String type, String keys) {
    return "{\"cniVersion\":\"%s\",\"name\":\"%s\",\"type\":\"%s\"%s}"
        .formatted(version, NETWORK, type, keys.isBlank() ? "" : "," + keys);
  }

  static String denim(String keys) {
    return of("1.1.0", "denim-cni", keys);
  }

  static String bridge(String keys) {
    return of("1.1.0", "bridge", keys);
  }

  /** The key {@code ipam} of type host-local, with these keys. */
  static String ipam(String keys) {
    return "\"ipam\":{\"type\":\"host-local\"%s}".formatted(keys.isBlank() ? "" : "," + keys);
  }

  /** Addresses of these subnets, one of each. */
  static String subnets(String... subnets) {
    StringBuilder ranges = new StringBuilder();
    for (String subnet : subnets) {
      ranges.append(ranges.isEmpty() ? "" : ",").append("[{\"subnet\":\"" + subnet + "\"}]");
    }
    return ipam("\"ranges\":[" + ranges + "]");
  }

  /** The key {@code runtimeConfig}, with these keys. */
  static String runtime(String keys) {
    return "\"runtimeConfig\":{" + keys + "}";
  }

  /** Another network's. */
  static String named(String network, String config) {
    return config.replace("\"name\":\"" + NETWORK + "\"", "\"name\":\"" + network + "\"");
  }
}
