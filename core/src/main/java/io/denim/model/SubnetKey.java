package io.denim.model;

import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a node's record in flannel's store: {@code 10.5.52.0-24}, in dual stack {@code
 * 10.12.13.0-24&fd00:12:13::-56}.
 *
 * @param v4 the IPv4 subnet, at most 31 bits long
 * @param v6 the IPv6 subnet, at most 127 bits long
 */
public record SubnetKey(Cidr v4, Optional<Cidr> v6) implements Comparable<SubnetKey> {
  private static final String ALLOWED = "such as 10.5.52.0-24 or 10.12.13.0-24&fd00:12:13::-56";

  /** flannel searches this at the end of a key, whatever stands before it. */
  private static final Pattern KEY =
      Pattern.compile("(\\d+\\.\\d+\\.\\d+\\.\\d+)-(\\d{1,3})(?:&([a-f\\d:]+)-(\\d{1,3}))?\\z");

  private static final int MAX_V4_LENGTH = 31;
  private static final int MAX_V6_LENGTH = 127;

  /** Checks families and lengths. */
  public SubnetKey {
    if (v4.family() != Family.IPV4 || v4.length() > MAX_V4_LENGTH) {
      throw new IllegalArgumentException(
          "a subnet key begins with an IPv4 subnet of length 0 to 31, got " + v4);
    }
    if (v6.isPresent() && (v6.get().family() != Family.IPV6 || v6.get().length() > MAX_V6_LENGTH)) {
      throw new IllegalArgumentException(
          "the second part of a subnet key is an IPv6 subnet of length 0 to 127, got " + v6.get());
    }
  }

  /** The key of a node with IPv4 only. */
  public static SubnetKey of(Cidr v4) {
    return new SubnetKey(v4, Optional.empty());
  }

  /**
   * Reads a key as flannel does; host bits are dropped.
   *
   * @throws InvalidConfigException when flannel would skip it
   */
  public static SubnetKey parse(String text) {
    return tryParse(text)
        .orElseThrow(() ->
            InvalidConfigException.of(
                "subnet key", "\"" + text + "\"", "allowed are keys " + ALLOWED));
  }

  /** As {@link #parse}; empty when flannel would skip the key. */
  public static Optional<SubnetKey> tryParse(String text) {
    Matcher match = KEY.matcher(text);
    if (!match.find()) {
      return Optional.empty();
    }
    Optional<Cidr> v4 = cidr(match.group(1), match.group(2), MAX_V4_LENGTH);
    if (match.group(3) == null) {
      return v4.map(SubnetKey::of);
    }
    Optional<Cidr> v6 = cidr(match.group(3), match.group(4), MAX_V6_LENGTH);
    return v6.isEmpty() ? Optional.empty() : v4.map(subnet -> new SubnetKey(subnet, v6));
  }

  private static Optional<Cidr> cidr(String address, String length, int longest) {
    int bits = Integer.parseInt(length);
    return bits > longest
        ? Optional.empty()
        : IpAddress.tryParse(address).map(ip -> Cidr.of(ip, bits));
  }

  /** The subnet of a family. */
  public Optional<Cidr> subnet(Family family) {
    return switch (family) {
      case IPV4 -> Optional.of(v4);
      case IPV6 -> v6;
    };
  }

  /** Whether some address belongs to both. */
  public boolean overlaps(SubnetKey other) {
    return v4.overlaps(other.v4) || v6.flatMap(own -> other.v6.filter(own::overlaps)).isPresent();
  }

  @Override
  public int compareTo(SubnetKey other) {
    int order = v4.compareTo(other.v4);
    return order != 0 ? order : toString().compareTo(other.toString());
  }

  /** The key as flannel writes it. */
  @Override
  public String toString() {
    return text(v4) + v6.map(subnet -> "&" + text(subnet)).orElse("");
  }

  private static String text(Cidr subnet) {
    return subnet.address() + "-" + subnet.length();
  }
}
