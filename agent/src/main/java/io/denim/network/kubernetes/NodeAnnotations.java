package io.denim.network.kubernetes;

import io.denim.model.BackendData;
import io.denim.model.FlannelLease;
import io.denim.model.InvalidConfigException;
import io.denim.model.Json;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;

/** flannel's annotations of a Node: how they are called, written and read. */
final class NodeAnnotations {
  private static final Pattern PREFIX =
      Pattern.compile("(?:[a-z0-9_-]+\\.)+[a-z0-9_-]+/(?:[a-z0-9_-]+-)?");
  private static final String TRUE = "true";

  /** Go's encoding of data that is not there. */
  private static final String NULL = "null";

  private static final String VXLAN = "vxlan";
  private static final String WIREGUARD = "wireguard";

  private final String prefix;

  /**
   * The annotations that begin so. A prefix without a slash gets one; one that goes on after it
   * ends in a dash.
   *
   * @throws InvalidConfigException when no annotation can begin so
   */
  NodeAnnotations(String text) {
    String with = text.contains("/") ? text : text + "/";
    prefix = with.endsWith("/") || with.endsWith("-") ? with : with + "-";
    if (!PREFIX.matcher(prefix).matches()) {
      throw InvalidConfigException.of(
          "--kube-annotation-prefix",
          "\"" + text + "\"",
          "must be a domain such as flannel.alpha.coreos.com, optionally with / and a word of"
              + " lower-case letters, digits, _ and -");
    }
  }

  /** Whether an annotation is flannel's. */
  boolean has(String name) {
    return name.startsWith(prefix);
  }

  String managed() {
    return prefix + "kube-subnet-manager";
  }

  String type() {
    return prefix + "backend-type";
  }

  String data(Family family) {
    return prefix
        + switch (family) {
          case IPV4 -> "backend-data";
          case IPV6 -> "backend-v6-data";
        };
  }

  String publicIp(Family family) {
    return prefix + address(family);
  }

  /** An administrator's, put in the place of the address that the node would publish. */
  String overwrite(Family family) {
    return prefix + address(family) + "-overwrite";
  }

  /** An administrator's, which the node takes as its own. */
  String nodePublicIp(Family family) {
    return prefix + "node-" + address(family);
  }

  private static String address(Family family) {
    return switch (family) {
      case IPV4 -> "public-ip";
      case IPV6 -> "public-ipv6";
    };
  }

  /** Whether a node takes part. */
  boolean managed(Map<String, String> annotations) {
    return TRUE.equals(annotations.get(managed()));
  }

  /**
   * What a node publishes.
   *
   * @param lease its families: those with a public address
   * @param problems what cannot be read; a family with a problem is left out
   */
  record Reading(FlannelLease lease, List<String> problems) {}

  /** Reads what a node publishes, each family for itself. */
  Reading read(Map<String, String> annotations) {
    String type = annotations.getOrDefault(type(), "").intern();
    List<String> problems = new ArrayList<>();
    Map<Family, IpAddress> addresses = new EnumMap<>(Family.class);
    Map<Family, BackendData> datas = new EnumMap<>(Family.class);
    for (Family family : Family.values()) {
      try {
        Optional<IpAddress> address = address(annotations, publicIp(family), family);
        Optional<BackendData> data = data(annotations, data(family), type);
        address.filter(at -> !at.isAny()).ifPresent(at -> addresses.put(family, at));
        data.ifPresent(at -> datas.put(family, at));
      } catch (InvalidConfigException e) {
        problems.add(String.valueOf(e.getMessage()));
      }
    }
    FlannelLease lease =
        new FlannelLease(
            Optional.ofNullable(addresses.get(Family.IPV4)).orElse(IpAddress.ANY_V4),
            Optional.ofNullable(addresses.get(Family.IPV6)),
            type,
            Optional.ofNullable(datas.get(Family.IPV4)),
            Optional.ofNullable(datas.get(Family.IPV6)));
    return new Reading(lease, problems);
  }

  /** An address that stands in an annotation; empty when it is not there. */
  private static Optional<IpAddress> address(
      Map<String, String> annotations, String name, Family family) {
    String text = annotations.getOrDefault(name, "");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optional<IpAddress> read =
        IpAddress.tryParse(text).filter(address -> address.family() == family);
    if (read.isEmpty()) {
      throw InvalidConfigException.of(
          name, "\"" + text + "\"", "must be an " + family + " address");
    }
    return read;
  }

  private static Optional<BackendData> data(
      Map<String, String> annotations, String name, String type) {
    String json = annotations.getOrDefault(name, "");
    if (json.isEmpty() || json.equals(NULL)) {
      return Optional.empty();
    }
    try {
      Json.mapper().readTree(json);
      return Optional.of(BackendData.parse(type, json));
    } catch (JacksonException e) {
      throw InvalidConfigException.of(name, json, "is no JSON: " + e.getOriginalMessage());
    } catch (InvalidConfigException e) {
      throw InvalidConfigException.of(name, json, String.valueOf(e.getMessage()));
    }
  }

  /**
   * Reads an administrator's addresses.
   *
   * @param name which annotation of a family
   * @param problems gets what cannot be read
   */
  Map<Family, IpAddress> administered(
      Map<String, String> annotations,
      java.util.function.Function<Family, String> name,
      List<String> problems) {
    Map<Family, IpAddress> addresses = new EnumMap<>(Family.class);
    for (Family family : Family.values()) {
      try {
        address(annotations, name.apply(family), family)
            .ifPresent(address -> addresses.put(family, address));
      } catch (InvalidConfigException e) {
        problems.add("the annotation " + e.getMessage() + "; it is ignored");
      }
    }
    return addresses;
  }

  /**
   * What a node must have to be known by a lease, as flanneld writes it.
   *
   * @param present its annotations, among them those of an administrator
   */
  Map<String, String> write(FlannelLease lease, Map<String, String> present) {
    Map<String, String> wanted = new TreeMap<>();
    wanted.put(managed(), TRUE);
    wanted.put(type(), lease.backendType());
    Map<Family, IpAddress> overwrites = administered(present, this::overwrite, new ArrayList<>());
    for (Family family : Family.values()) {
      if (writes(family, lease)) {
        IpAddress own =
            switch (family) {
              case IPV4 -> lease.publicIp();
              case IPV6 -> lease.publicIpv6().orElseThrow();
            };
        wanted.put(data(family), lease.data(family).map(BackendData::json).orElse(NULL));
        wanted.put(
            publicIp(family), Optional.ofNullable(overwrites.get(family)).orElse(own).toString());
      }
    }
    return wanted;
  }

  /** Types that need data are silent without; the others write {@code 0.0.0.0} and no data. */
  private static boolean writes(Family family, FlannelLease lease) {
    boolean needsData = lease.backendType().equals(VXLAN) || lease.backendType().equals(WIREGUARD);
    boolean hasData = lease.data(family).isPresent();
    return switch (family) {
      case IPV4 -> !needsData || hasData;
      case IPV6 -> lease.publicIpv6().isPresent() && (!needsData || hasData);
    };
  }

  /**
   * What has to be changed to make annotations agree with what is wanted; an empty value is an
   * annotation that has to go, because it speaks of a family that the node has no more.
   */
  Map<String, Optional<String>> difference(
      Map<String, String> present, Map<String, String> wanted) {
    Map<String, Optional<String>> changes = new TreeMap<>();
    wanted.forEach((name, value) -> {
      if (!value.equals(present.get(name))) {
        changes.put(name, Optional.of(value));
      }
    });
    for (Family family : Family.values()) {
      for (String name : List.of(data(family), publicIp(family))) {
        if (present.containsKey(name) && !wanted.containsKey(name)) {
          changes.put(name, Optional.empty());
        }
      }
    }
    return changes;
  }
}
