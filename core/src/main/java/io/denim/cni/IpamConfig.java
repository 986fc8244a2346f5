package io.denim.cni;

import io.denim.net.Family;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code ipam} of type host-local: where a container's addresses come from.
 *
 * @param ranges a container gets one address of each set; those of the runtime come first, then
 *     {@code subnet} of the configuration, then its {@code ranges}. Empty only for type denim-cni:
 *     the node's own subnets
 * @param routes the container's routes
 * @param dataDir the folder of all networks' reservations, where it is not the usual one
 * @param resolvConf a file with the container's resolver's configuration
 */
public record IpamConfig(
    List<RangeSet> ranges,
    List<CniResult.Route> routes,
    Optional<Path> dataDir,
    Optional<Path> resolvConf) {
  private static final String HOST_LOCAL = "host-local";

  /** Copies the lists. */
  public IpamConfig {
    ranges = List.copyOf(ranges);
    routes = List.copyOf(routes);
  }

  /** Reads the key of a configuration; empty when there is none or it names no type. */
  static Optional<IpamConfig> read(PluginConfig.Header header, Keys config, RuntimeConfig runtime) {
    return config
        .object("ipam")
        .filter(ipam -> ipam.text("type").isPresent())
        .map(ipam -> readObject(header, ipam, runtime));
  }

  private static IpamConfig readObject(
      PluginConfig.Header header, Keys ipam, RuntimeConfig runtime) {
    ipam.parsed("type", type -> Optional.of(type).filter(HOST_LOCAL::equals), HOST_LOCAL);
    List<RangeSet> ranges = new ArrayList<>(runtime.ipRanges());
    RangeReader.range("ipam", ipam).ifPresent(range -> ranges.add(new RangeSet(List.of(range))));
    ranges.addAll(RangeReader.sets(ipam.list("ranges")));
    check(header, ranges);
    return new IpamConfig(
        ranges,
        ipam.list("routes").stream().map(ResultReader::route).toList(),
        path(ipam, "dataDir"),
        path(ipam, "resolvConf"));
  }

  private static void check(PluginConfig.Header header, List<RangeSet> sets) {
    if (sets.isEmpty() && !header.type().equals(BridgeConfig.DENIM)) {
      throw invalid("has no range to take addresses from; write ipam.ranges or ipam.subnet");
    }
    Range.overlapping(sets.stream().flatMap(set -> set.ranges().stream()).toList())
        .ifPresent(range -> {
          throw invalid("has two sets of ranges that overlap; " + range + " is in one of them");
        });
    for (Family family : Family.values()) {
      if (!header.version().atLeast(CniVersion.V0_3_0)
          && sets.stream().filter(set -> set.family() == family).count() > 1) {
        throw invalid(
            "gives several %s addresses, which cniVersion %s cannot say; write 0.3.0 or later"
                .formatted(family, header.version().text()));
      }
    }
  }

  private static CniException invalid(String what) {
    return new CniException(CniException.Code.INVALID_CONFIG, "ipam " + what);
  }

  private static Optional<Path> path(Keys ipam, String key) {
    return ipam.parsed(key, IpamConfig::tryAbsolute, "an absolute path");
  }

  /** A path from the root; empty for what is none. */
  static Optional<Path> tryAbsolute(String text) {
    try {
      return Optional.of(Path.of(text)).filter(Path::isAbsolute);
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }
}
