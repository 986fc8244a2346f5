package io.denim.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Reads the object {@code Backend}. Only the keys of the type that is named count. */
final class BackendReader {
  private static final String TYPE = "Type";

  /** The keys of each type, as the manual spells them. */
  private static final Map<String, List<String>> KEYS =
      Map.of(
          "vxlan",
          List.of("VNI", "Port", "GBP", "Learning", "DirectRouting", "MTU", "MacPrefix", "Name"),
          "host-gw",
          List.of(),
          "alloc",
          List.of(),
          "wireguard",
          List.of(
              "ListenPort", "ListenPortV6", "MTU", "PSK", "PersistentKeepaliveInterval", "Mode"),
          "udp",
          List.of("Port"),
          "ipip",
          List.of("DirectRouting"));

  /** The keys of all types. */
  static final List<String> ALL_KEYS =
      KEYS.values().stream().flatMap(List::stream).distinct().sorted().toList();

  private static final String CLOUD =
      "writes the route table of a cloud, for which Denim holds no credentials; use alloc beside the"
          + " cloud's own route controller, or vxlan";

  /** What flannel has or had and Denim will not do, and why. */
  private static final Map<String, String> REFUSED =
      Map.of(
          "ipsec",
          "needs strongSwan's charon as a child process, and Denim starts no other programs; use"
              + " vxlan over an encrypted underlay, or wireguard once Denim has it",
          "extension",
          "runs the commands that the configuration names, and Denim starts no other programs; use"
              + " vxlan or host-gw, or alloc where something else forwards",
          "aws-vpc",
          CLOUD,
          "gce",
          CLOUD,
          "ali-vpc",
          CLOUD,
          "tencent-vpc",
          CLOUD);

  private static final String NOT_YET = "not there yet in this version of Denim: ";
  private static final String INSTEAD = "; use vxlan, host-gw";

  /** The least MTU of IPv4 (RFC 791), of IPv6 (RFC 8200), and what VXLAN adds over IPv4. */
  private static final int LEAST_V4 = 68;

  private static final int LEAST_V6 = 1280;
  private static final int OVERHEAD = 50;
  private static final int OVERHEAD_V6 = 70;

  private final GoObject document;
  private final List<String> warnings;
  private final boolean ipv6;

  BackendReader(GoObject document, List<String> warnings, boolean ipv6) {
    this.document = document;
    this.warnings = warnings;
    this.ipv6 = ipv6;
  }

  Optional<Backend> read() {
    Optional<GoObject.Member> member = document.last("Backend");
    if (member.isEmpty()) {
      document.problem(
          "Backend",
          "",
          "is not given, which for flannel means the type udp, and udp is "
              + NOT_YET
              + "write \"Backend\": {\"Type\": \"vxlan\"}");
      return Optional.empty();
    }
    return switch (member.get().kind()) {
      case OBJECT -> read(document.inner("Backend", member.get()));
      case NULL -> {
        document.problem("Backend.Type", "", "is missing; " + allowed());
        yield Optional.empty();
      }
      case BOOLEAN, NUMBER, STRING, ARRAY -> {
        document.wrongType("Backend", member.get(), "an object such as {\"Type\": \"vxlan\"}");
        yield Optional.empty();
      }
    };
  }

  private Optional<Backend> read(GoObject backend) {
    Optional<String> given = backend.text(TYPE);
    String type = given.orElse("").toLowerCase(Locale.ROOT);
    Optional<Backend> read =
        switch (type) {
          case "vxlan" -> Optional.of(vxlan(backend));
          case "host-gw" -> Optional.of(new Backend.HostGw());
          case "alloc" -> Optional.of(new Backend.Alloc());
          default -> {
            if (!backend.hasProblem(TYPE)) {
              backend.problem(TYPE, quoted(given.orElse("")), unusable(type));
            }
            yield Optional.empty();
          }
        };
    read.ifPresent(known -> {
      warnUnknownKeys(backend, known.type());
      if (ipv6 && known instanceof Backend.Alloc) {
        warnings.add("Backend.Type \"alloc\" hands out IPv4 subnets only in flannel");
      }
    });
    return read;
  }

  private static String quoted(String text) {
    return text.isEmpty() ? "" : "\"" + text + "\"";
  }

  private static String unusable(String type) {
    if (type.isEmpty()) {
      return "is missing or empty; " + allowed();
    }
    String refusal = REFUSED.get(type);
    if (refusal != null) {
      return refusal;
    }
    if (KEYS.containsKey(type)) {
      return NOT_YET + type + INSTEAD;
    }
    List<String> known = new ArrayList<>(KEYS.keySet());
    known.addAll(REFUSED.keySet());
    return "is no type of backend"
        + Spelling.nearest(type, known).map(near -> "; did you mean \"" + near + "\"?").orElse("")
        + "; "
        + allowed();
  }

  private static String allowed() {
    return "allowed are vxlan, host-gw and alloc";
  }

  private Backend.Vxlan vxlan(GoObject backend) {
    return new Backend.Vxlan(
        (int) backend.integer("VNI", 0, Backend.Vxlan.MAX_VNI).orElse(1),
        (int) backend.integer("Port", 0, 65535).orElse(0),
        backend.bool("GBP", false),
        backend.bool("Learning", false),
        backend.bool("DirectRouting", false),
        mtu(backend));
  }

  private OptionalInt mtu(GoObject backend) {
    OptionalLong given = backend.integer("MTU", 0, 65535);
    if (given.orElse(0) == 0) {
      return OptionalInt.empty();
    }
    int mtu = (int) given.getAsLong();
    if (mtu < LEAST_V4 + OVERHEAD) {
      backend.problem(
          "MTU",
          Integer.toString(mtu),
          "allowed is 0 (the MTU of the external interface) or %d to 65535; it is the outer MTU, of"
                  .formatted(LEAST_V4 + OVERHEAD)
              + " which pods get %d less".formatted(OVERHEAD));
    } else if (ipv6 && mtu < LEAST_V6 + OVERHEAD_V6) {
      warnings.add(
          "Backend.MTU %d leaves pods less than the %d bytes that IPv6 needs; allow at least %d"
              .formatted(mtu, LEAST_V6, LEAST_V6 + OVERHEAD_V6));
    }
    return OptionalInt.of(mtu);
  }

  private void warnUnknownKeys(GoObject backend, String type) {
    List<String> keys = KEYS.getOrDefault(type, List.of());
    for (GoObject.Member member : backend.members()) {
      String name = member.name();
      if (name.equalsIgnoreCase(TYPE) || keys.stream().anyMatch(name::equalsIgnoreCase)) {
        continue;
      }
      warnings.add(
          "key \"%s\" in Backend is ignored: %s has no such key".formatted(name, type)
              + Spelling.nearest(name, keys)
                  .map(near -> "; did you mean \"" + near + "\"?")
                  .orElse(""));
    }
  }
}
