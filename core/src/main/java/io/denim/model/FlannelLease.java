package io.denim.model;

import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a node publishes of itself: the value of its record in etcd, {@code LeaseAttrs} of flannel.
 *
 * @param publicIp the IPv4 address that peers send to; 0.0.0.0 when the node has none
 * @param publicIpv6 the IPv6 address that peers send to
 * @param backendType the type that peers must send by; empty for udp and alloc
 * @param backendData what peers must know for IPv4
 * @param backendV6Data what peers must know for IPv6
 */
public record FlannelLease(
    IpAddress publicIp,
    Optional<IpAddress> publicIpv6,
    String backendType,
    Optional<BackendData> backendData,
    Optional<BackendData> backendV6Data) {
  /** Checks the families. */
  public FlannelLease {
    if (!publicIp.isV4() || publicIpv6.filter(IpAddress::isV4).isPresent()) {
      throw new IllegalArgumentException(
          "PublicIP is an IPv4 and PublicIPv6 an IPv6 address, got "
              + publicIp
              + " and "
              + publicIpv6);
    }
  }

  /** The lease of a node that only says where it is, as udp and alloc do. */
  public static FlannelLease of(IpAddress publicIp) {
    return new FlannelLease(publicIp, Optional.empty(), "", Optional.empty(), Optional.empty());
  }

  /**
   * Reads a value as flannel does: unknown keys are ignored, missing ones are empty.
   *
   * @throws InvalidConfigException with all that is wrong
   */
  public static FlannelLease parse(String json) {
    List<ConfigProblem> problems = new ArrayList<>();
    GoObject object = GoObject.parse(json, problems);
    IpAddress v4 =
        object
            .address("PublicIP", "192.168.64.3")
            .flatMap(text -> address(object, "PublicIP", text, Family.IPV4))
            .orElse(IpAddress.ANY_V4);
    Optional<IpAddress> v6 =
        object.text("PublicIPv6").flatMap(text -> address(object, "PublicIPv6", text, Family.IPV6));
    String type = shared(object.text("BackendType").orElse(""));
    Optional<BackendData> data = data(object, "BackendData", type, problems);
    Optional<BackendData> v6Data = data(object, "BackendV6Data", type, problems);
    if (!problems.isEmpty()) {
      throw new InvalidConfigException(problems);
    }
    return new FlannelLease(v4, v6, type, data, v6Data);
  }

  /** One text for the leases of thousands of nodes. */
  private static String shared(String type) {
    return switch (type) {
      case "vxlan" -> "vxlan";
      case "host-gw" -> "host-gw";
      default -> type;
    };
  }

  private static Optional<IpAddress> address(
      GoObject object, String key, String text, Family family) {
    Optional<IpAddress> read =
        IpAddress.tryParse(text).filter(address -> address.family() == family);
    if (read.isEmpty()) {
      object.problem(key, "\"" + text + "\"", "must be an " + family + " address");
    }
    return read;
  }

  private static Optional<BackendData> data(
      GoObject object, String key, String type, List<ConfigProblem> problems) {
    Optional<GoObject.Member> member =
        object.last(key).filter(found -> found.kind() != GoObject.Kind.NULL);
    if (member.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(BackendData.parse(type, member.get().raw()));
    } catch (InvalidConfigException e) {
      e.problems().stream()
          .map(problem ->
              new ConfigProblem(key + "." + problem.field(), problem.value(), problem.advice()))
          .forEach(problems::add);
      return Optional.empty();
    }
  }

  /** The address that peers send to in this family; empty when the node has none. */
  public Optional<IpAddress> publicAddress(Family family) {
    return switch (family) {
      case IPV4 -> Optional.of(publicIp).filter(address -> !address.isAny());
      case IPV6 -> publicIpv6.filter(address -> !address.isAny());
    };
  }

  /** The data of a family. */
  public Optional<BackendData> data(Family family) {
    return switch (family) {
      case IPV4 -> backendData;
      case IPV6 -> backendV6Data;
    };
  }

  /** The value, byte for byte as flanneld writes it. */
  public String format() {
    StringBuilder out = new StringBuilder(160);
    out.append("{\"PublicIP\":\"").append(publicIp).append("\",\"PublicIPv6\":");
    publicIpv6.ifPresentOrElse(
        address -> out.append('"').append(address).append('"'), () -> out.append("null"));
    if (!backendType.isEmpty()) {
      out.append(",\"BackendType\":").append(Json.quoteLikeGo(backendType));
    }
    backendData.ifPresent(data -> out.append(",\"BackendData\":").append(data.json()));
    backendV6Data.ifPresent(data -> out.append(",\"BackendV6Data\":").append(data.json()));
    return out.append('}').toString();
  }
}
