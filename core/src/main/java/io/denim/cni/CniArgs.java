package io.denim.cni;

import io.denim.net.InterfaceAddress;
import io.denim.net.MacAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code CNI_ARGS}: {@code KEY=value} pairs with semicolons between them.
 *
 * @param ignoreUnknown whether unknown keys are no error ({@code IgnoreUnknown})
 * @param ips addresses that are asked for ({@code IP}, one or several with commas); a length that
 *     is not given is that of a single address
 * @param mac the hardware address that is asked for ({@code MAC})
 * @param podNamespace {@code K8S_POD_NAMESPACE}; empty when not given, as all that follow
 * @param podName {@code K8S_POD_NAME}
 * @param podUid {@code K8S_POD_UID}
 * @param infraContainerId {@code K8S_POD_INFRA_CONTAINER_ID}
 */
public record CniArgs(
    boolean ignoreUnknown,
    List<InterfaceAddress> ips,
    Optional<MacAddress> mac,
    String podNamespace,
    String podName,
    String podUid,
    String infraContainerId) {
  /** No arguments. */
  public static final CniArgs NONE =
      new CniArgs(false, List.of(), Optional.empty(), "", "", "", "");

  private static final String IGNORE_UNKNOWN = "IgnoreUnknown";
  private static final String IP = "IP";
  private static final String MAC = "MAC";
  private static final String NAMESPACE = "K8S_POD_NAMESPACE";
  private static final String NAME = "K8S_POD_NAME";
  private static final String UID = "K8S_POD_UID";
  private static final String INFRA = "K8S_POD_INFRA_CONTAINER_ID";

  /** {@code GATEWAY} is for the plugin static; host-local, which Denim follows, has its own. */
  private static final List<String> KNOWN =
      List.of(IGNORE_UNKNOWN, IP, MAC, "GATEWAY", NAMESPACE, NAME, UID, INFRA);

  /** Copies the list. */
  public CniArgs {
    ips = List.copyOf(ips);
  }

  /**
   * Reads the variable; an empty text is {@link #NONE}.
   *
   * @throws CniException with code 4 for what is no pair, an unknown key, or a bad value
   */
  public static CniArgs parse(String text) {
    Map<String, String> pairs = pairs(text);
    boolean ignoreUnknown = ignoreUnknown(pairs.getOrDefault(IGNORE_UNKNOWN, "0"));
    for (String key : pairs.keySet()) {
      if (!ignoreUnknown && !KNOWN.contains(key)) {
        throw invalid(
            "has the unknown key "
                + Excerpt.quoted(key)
                + "; allowed are "
                + String.join(", ", KNOWN)
                + ", and any with IgnoreUnknown=1");
      }
    }
    return new CniArgs(
        ignoreUnknown,
        ips(pairs.getOrDefault(IP, "")),
        mac(pairs.getOrDefault(MAC, "")),
        words(pairs, NAMESPACE),
        words(pairs, NAME),
        words(pairs, UID),
        words(pairs, INFRA));
  }

  private static Map<String, String> pairs(String text) {
    Map<String, String> pairs = new LinkedHashMap<>();
    if (text.isEmpty()) {
      return pairs;
    }
    for (String pair : text.split(";", -1)) {
      int equals = pair.indexOf('=');
      if (equals <= 0) {
        throw invalid("has the part " + Excerpt.quoted(pair) + "; allowed is KEY=value;KEY=value");
      }
      String key = pair.substring(0, equals);
      String value = pair.substring(equals + 1);
      String before = pairs.putIfAbsent(key, value);
      if (before != null && !before.equals(value)) {
        throw invalid(
            "gives %s twice, as %s and as %s"
                .formatted(Excerpt.of(key), Excerpt.quoted(before), Excerpt.quoted(value)));
      }
    }
    return pairs;
  }

  private static boolean ignoreUnknown(String value) {
    if (value.equals("1") || value.equalsIgnoreCase("true")) {
      return true;
    }
    if (value.equals("0") || value.equalsIgnoreCase("false")) {
      return false;
    }
    throw invalid(IGNORE_UNKNOWN, value, "1, true, 0 or false");
  }

  private static List<InterfaceAddress> ips(String value) {
    List<InterfaceAddress> ips = new ArrayList<>();
    if (!value.isEmpty()) {
      for (String each : value.split(",", -1)) {
        ips.add(
            Addresses.tryInterface(each.strip())
                .orElseThrow(() -> invalid(IP, value, Addresses.INTERFACE)));
      }
    }
    return ips;
  }

  private static Optional<MacAddress> mac(String value) {
    if (value.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        Addresses.tryMac(value).orElseThrow(() -> invalid(MAC, value, Addresses.MAC)));
  }

  private static String words(Map<String, String> pairs, String key) {
    String value = pairs.getOrDefault(key, "");
    if (value.chars().anyMatch(Character::isISOControl)) {
      throw invalid(key, value, "text without control characters");
    }
    return value;
  }

  private static CniException invalid(String key, String value, String allowed) {
    return invalid(key + " is " + Excerpt.quoted(value) + "; allowed is " + allowed);
  }

  private static CniException invalid(String what) {
    return new CniException(CniException.Code.INVALID_ENVIRONMENT, "CNI_ARGS: " + what);
  }
}
