package io.denim.model;

import io.denim.net.Family;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads one {@code net-conf.json}, top level; the parts are read by readers of their own. */
final class FlannelConfigReader {
  private static final List<String> KEYS =
      List.of(
          "EnableIPv4",
          "EnableIPv6",
          "EnableNFTables",
          "Network",
          "SubnetLen",
          "SubnetMin",
          "SubnetMax",
          "IPv6Network",
          "IPv6SubnetLen",
          "IPv6SubnetMin",
          "IPv6SubnetMax",
          "Backend");

  private final List<ConfigProblem> problems = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final SubnetOrigin origin;
  private final GoObject document;

  FlannelConfigReader(String json, SubnetOrigin origin) {
    this.origin = origin;
    this.document = GoObject.parse(json, problems);
  }

  FlannelConfig read() {
    boolean v4 = document.bool("EnableIPv4", true);
    boolean v6 = document.bool("EnableIPv6", false);
    boolean nftables = document.bool("EnableNFTables", false);
    if (!v4 && !v6) {
      document.problem("EnableIPv4", "false", "one of EnableIPv4 and EnableIPv6 must be true");
    }
    Optional<FlannelNetwork> ipv4 = network(Family.IPV4, v4);
    Optional<FlannelNetwork> ipv6 = network(Family.IPV6, v6);
    warnUnknownKeys();
    Optional<Backend> backend = new BackendReader(document, warnings, v6).read();
    if (!problems.isEmpty() || backend.isEmpty()) {
      throw new InvalidConfigException(problems);
    }
    return new FlannelConfig(v4, v6, nftables, ipv4, ipv6, backend.get(), warnings);
  }

  private Optional<FlannelNetwork> network(Family family, boolean on) {
    return new NetworkReader(document, family, on, origin, warnings).read();
  }

  private void warnUnknownKeys() {
    for (GoObject.Member member : document.members()) {
      if (KEYS.stream().noneMatch(member.name()::equalsIgnoreCase)) {
        warnings.add(
            "key \"%s\" is ignored: there is no such key".formatted(member.name())
                + hint(member.name()));
      }
    }
  }

  private static String hint(String name) {
    Optional<String> near = Spelling.nearest(name, KEYS);
    if (near.isPresent()) {
      return "; did you mean \"" + near.get() + "\"?";
    }
    return Spelling.nearest(name, BackendReader.ALL_KEYS)
        .map(key -> "; \"" + key + "\" belongs inside \"Backend\"")
        .orElse("");
  }
}
