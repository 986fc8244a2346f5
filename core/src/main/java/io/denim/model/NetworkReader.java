package io.denim.model;

import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads the keys of one address family: the network and how it is divided. flannel's rules: a
 * length of 0, the address 0.0.0.0 or :: and the networks 0.0.0.0/0 and ::/0 count as not given;
 * there must be at least four subnets; the first one is skipped unless SubnetMin says otherwise.
 */
final class NetworkReader {
  /** A network must hold at least four subnets. */
  private static final int SPARE_BITS = 2;

  private final GoObject document;
  private final Family family;
  private final boolean on;
  private final SubnetOrigin origin;
  private final List<String> warnings;
  private final String prefix;

  NetworkReader(
      GoObject document, Family family, boolean on, SubnetOrigin origin, List<String> warnings) {
    this.document = document;
    this.family = family;
    this.on = on;
    this.origin = origin;
    this.warnings = warnings;
    this.prefix = family == Family.IPV4 ? "" : "IPv6";
  }

  Optional<FlannelNetwork> read() {
    Optional<Cidr> network = cidr();
    long longest = Integer.MAX_VALUE;
    OptionalLong length = document.integer(prefix + "SubnetLen", 0, longest);
    Optional<IpAddress> min = address(prefix + "SubnetMin");
    Optional<IpAddress> max = address(prefix + "SubnetMax");
    if (!on) {
      return Optional.empty();
    }
    if (network.isEmpty()) {
      return missing();
    }
    return switch (origin) {
      case LEASES -> divided(network.get(), (int) length.orElse(0), min, max);
      case POD_CIDR -> {
        if (length.orElse(0) != 0 || min.isPresent() || max.isPresent()) {
          warnings.add(
              "%sSubnetLen, %sSubnetMin and %sSubnetMax are not used: Kubernetes divides the network"
                  .formatted(prefix, prefix, prefix));
        }
        yield Optional.of(whole(network.get()));
      }
    };
  }

  private Optional<FlannelNetwork> missing() {
    String key = prefix + "Network";
    Cidr all = family == Family.IPV4 ? Cidr.ALL_V4 : Cidr.ALL_V6;
    return switch (origin) {
      case LEASES -> {
        if (!document.hasProblem(key)) {
          document.problem(key, "", "is required while " + family + " is on, " + example());
        }
        yield Optional.empty();
      }
      case POD_CIDR -> {
        warnings.add(
            "%s is not given: every %s address counts as a pod's, so nothing is masqueraded"
                .formatted(key, family));
        yield Optional.of(whole(all));
      }
    };
  }

  private String example() {
    return family == Family.IPV4 ? "such as \"10.244.0.0/16\"" : "such as \"fd00:10:244::/48\"";
  }

  private Optional<Cidr> cidr() {
    String key = prefix + "Network";
    Optional<String> text =
        document.address(key, family == Family.IPV4 ? "10.244.0.0/16" : "fd00:10:244::/48");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optional<Cidr> read = Cidr.tryParse(text.get());
    if (read.isEmpty() || read.get().family() != family) {
      String advice = "must be an " + family + " CIDR " + example();
      if (on || read.isEmpty()) {
        document.problem(key, "\"" + text.get() + "\"", advice);
      } else {
        warnings.add(key + " \"" + text.get() + "\" is ignored: " + advice);
      }
      return Optional.empty();
    }
    return read.filter(cidr -> !(cidr.length() == 0 && cidr.address().isAny()));
  }

  private Optional<IpAddress> address(String key) {
    Optional<String> text =
        document.address(key, family == Family.IPV4 ? "10.244.1.0" : "fd00:10:244:1::");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optional<IpAddress> read =
        IpAddress.tryParse(text.get()).filter(address -> address.family() == family);
    if (read.isEmpty()) {
      document.problem(key, "\"" + text.get() + "\"", "must be an " + family + " address");
    }
    return read.filter(address -> !address.isAny());
  }

  /** The network as one piece, for who does not divide it. */
  private static FlannelNetwork whole(Cidr network) {
    return new FlannelNetwork(network, network.length(), network.address(), network.address());
  }

  private Optional<FlannelNetwork> divided(
      Cidr network, int given, Optional<IpAddress> min, Optional<IpAddress> max) {
    int longest = family.bits() - SPARE_BITS;
    int usual = family == Family.IPV4 ? 24 : 64;
    String key = prefix + "SubnetLen";
    int length = given;
    if (given == 0) {
      length = network.length() <= usual - SPARE_BITS ? usual : network.length() + SPARE_BITS;
      if (network.length() > longest - SPARE_BITS) {
        document.problem(
            prefix + "Network",
            network.toString(),
            "is too small to be divided; allowed is a length up to " + (longest - SPARE_BITS));
        return Optional.empty();
      }
    } else if (given > longest || given < network.length() + SPARE_BITS) {
      document.problem(
          key,
          Integer.toString(given),
          "allowed is %d to %d: %s must hold at least four subnets"
              .formatted(network.length() + SPARE_BITS, longest, network));
      return Optional.empty();
    }
    Cidr second = Cidr.of(network.address(), length).next();
    Cidr last = Cidr.of(network.last(), length);
    IpAddress from = min.orElse(second.address());
    IpAddress to = max.orElse(last.address());
    boolean good = bound("SubnetMin", from, network, length);
    good &= bound("SubnetMax", to, network, length);
    if (good && from.compareTo(to) > 0) {
      document.problem(
          prefix + "SubnetMin", from.toString(), "must not be above " + prefix + "SubnetMax " + to);
      good = false;
    }
    return good ? Optional.of(new FlannelNetwork(network, length, from, to)) : Optional.empty();
  }

  private boolean bound(String name, IpAddress address, Cidr network, int length) {
    if (!network.contains(address)) {
      document.problem(prefix + name, address.toString(), "must lie in " + network);
      return false;
    }
    if (!address.masked(length).equals(address)) {
      document.problem(
          prefix + name,
          address.toString(),
          "must be the first address of a subnet of length %d, such as %s"
              .formatted(length, address.masked(length)));
      return false;
    }
    return true;
  }
}
