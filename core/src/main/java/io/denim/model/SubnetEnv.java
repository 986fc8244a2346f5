package io.denim.model;

import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * flannel's {@code /run/flannel/subnet.env}: what a node has been given, for the CNI plugin and for
 * the node's own next start.
 *
 * @param ipv4 network and subnet of IPv4; empty when it is off
 * @param ipv6 network and subnet of IPv6; empty when it is off
 * @param mtu the MTU of pods in bytes
 * @param ipMasq whether the daemon was asked to masquerade
 */
public record SubnetEnv(Optional<Part> ipv4, Optional<Part> ipv6, int mtu, boolean ipMasq) {
  private static final String MTU = "FLANNEL_MTU";
  private static final String IPMASQ = "FLANNEL_IPMASQ";

  /**
   * The lines of one family.
   *
   * @param network all pod addresses
   * @param gateway the first usable address of the node's subnet with the subnet's length
   */
  public record Part(Cidr network, InterfaceAddress gateway) {
    /** The part of a node with this subnet. */
    public static Part of(Cidr network, Cidr subnet) {
      return new Part(network, new InterfaceAddress(subnet.address().plus(1), subnet.length()));
    }

    /** The node's subnet. */
    public Cidr subnet() {
      return gateway.subnet();
    }
  }

  /** Checks the MTU. */
  public SubnetEnv {
    if (mtu < 0) {
      throw new IllegalArgumentException("an MTU is not negative, got " + mtu);
    }
  }

  /**
   * Reads the file: {@code KEY=value} lines; blank lines, comments and unknown keys are ignored,
   * and of a list of networks (old flannel with several) the first counts.
   *
   * @throws InvalidConfigException with all that is wrong
   */
  public static SubnetEnv parse(String text) {
    Map<String, String> values = values(text);
    List<ConfigProblem> problems = new ArrayList<>();
    Optional<Part> ipv4 = part(values, "FLANNEL_", Family.IPV4, problems);
    Optional<Part> ipv6 = part(values, "FLANNEL_IPV6_", Family.IPV6, problems);
    int mtu = mtu(values.getOrDefault(MTU, "0"), problems);
    String masquerade = values.getOrDefault(IPMASQ, "false");
    if (!masquerade.equals("true") && !masquerade.equals("false")) {
      problems.add(new ConfigProblem(IPMASQ, masquerade, "allowed are true and false"));
    }
    if (!problems.isEmpty()) {
      throw new InvalidConfigException(problems);
    }
    return new SubnetEnv(ipv4, ipv6, mtu, masquerade.equals("true"));
  }

  private static Map<String, String> values(String text) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String line : text.lines().map(String::strip).toList()) {
      int equals = line.indexOf('=');
      if (equals > 0 && !line.startsWith("#")) {
        String value = line.substring(equals + 1).strip();
        boolean quoted =
            value.length() >= 2
                && value.charAt(0) == '"'
                && value.charAt(value.length() - 1) == '"';
        values.put(
            line.substring(0, equals).strip(),
            quoted ? value.substring(1, value.length() - 1) : value);
      }
    }
    return values;
  }

  private static Optional<Part> part(
      Map<String, String> values, String prefix, Family family, List<ConfigProblem> problems) {
    String network = values.getOrDefault(prefix + "NETWORK", "");
    String subnet = values.getOrDefault(prefix + "SUBNET", "");
    if (network.isEmpty() && subnet.isEmpty()) {
      return Optional.empty();
    }
    int comma = network.indexOf(',');
    String first = comma < 0 ? network : network.substring(0, comma).strip();
    Optional<Cidr> cidr = Cidr.tryParse(first).filter(read -> read.family() == family);
    Optional<InterfaceAddress> gateway =
        InterfaceAddress.tryParse(subnet).filter(read -> read.address().family() == family);
    if (cidr.isEmpty()) {
      problems.add(
          new ConfigProblem(prefix + "NETWORK", network, "must be an " + family + " CIDR"));
    }
    if (gateway.isEmpty()) {
      problems.add(
          new ConfigProblem(
              prefix + "SUBNET", subnet, "must be an " + family + " address with a length"));
    }
    return cidr.isEmpty()
        ? Optional.empty()
        : gateway.map(address -> new Part(cidr.get(), address));
  }

  private static int mtu(String text, List<ConfigProblem> problems) {
    try {
      int mtu = Integer.parseInt(text);
      if (mtu >= 0) {
        return mtu;
      }
    } catch (NumberFormatException e) {
      // Reported below with the same words.
    }
    problems.add(new ConfigProblem(MTU, text, "must be a number of bytes"));
    return 0;
  }

  /** The lines of a family. */
  public Optional<Part> part(Family family) {
    return switch (family) {
      case IPV4 -> ipv4;
      case IPV6 -> ipv6;
    };
  }

  /** The file, byte for byte as flanneld writes it. */
  public String format() {
    StringBuilder out = new StringBuilder();
    ipv4.ifPresent(part -> lines(out, "FLANNEL_", part));
    ipv6.ifPresent(part -> lines(out, "FLANNEL_IPV6_", part));
    return out.append(MTU + "=")
        .append(mtu)
        .append('\n')
        .append(IPMASQ + "=")
        .append(ipMasq)
        .append('\n')
        .toString();
  }

  private static void lines(StringBuilder out, String prefix, Part part) {
    out.append(prefix).append("NETWORK=").append(part.network()).append('\n');
    out.append(prefix).append("SUBNET=").append(part.gateway()).append('\n');
  }
}
