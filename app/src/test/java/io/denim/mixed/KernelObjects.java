package io.denim.mixed;

import io.denim.lab.Lab;
import io.denim.lab.Machine;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * All that one node's kernel has for a network, attribute by attribute, as iproute2 tells it: what
 * is compared must not depend on how Denim itself reads the kernel. Devices are named, not
 * numbered, since a number tells only in which order they were made.
 */
final class KernelObjects {
  private final Machine machine;
  private final Map<String, String> found = new TreeMap<>();

  private KernelObjects(Machine machine) {
    this.machine = machine;
  }

  /** A line for each attribute of each object, by what tells them apart. */
  static Map<String, String> of(Lab lab, String node) {
    var objects = new KernelObjects(lab.machine(node));
    objects.read();
    return objects.found;
  }

  private void read() {
    for (JsonNode link : json("ip", "-d", "-j", "link", "show")) {
      flatten("link " + text(link, "ifname"), link);
    }
    for (JsonNode link : json("ip", "-d", "-j", "address", "show")) {
      for (JsonNode address : link.path("addr_info")) {
        String prefix = text(address, "local") + "/" + text(address, "prefixlen");
        flatten("address " + text(link, "ifname") + " " + prefix, address);
      }
    }
    for (String family : new String[] {"-4", "-6"}) {
      for (JsonNode route : json("ip", family, "-d", "-j", "route", "show", "table", "all")) {
        String table = Optional.of(text(route, "table")).filter(t -> !t.isEmpty()).orElse("main");
        flatten("route " + table + " " + text(route, "dst") + " by " + text(route, "dev"), route);
      }
      for (JsonNode rule : json("ip", family, "-d", "-j", "rule", "show")) {
        flatten("rule " + family + " " + text(rule, "priority"), rule);
      }
    }
    for (JsonNode neighbour : json("ip", "-d", "-j", "neighbour", "show", "nud", "permanent")) {
      String key = "neighbour " + text(neighbour, "dev") + " " + text(neighbour, "dst");
      flatten(key, neighbour);
    }
    for (JsonNode entry : json("bridge", "-d", "-j", "fdb", "show")) {
      if (text(entry, "ifname").startsWith("flannel")) {
        flatten("fdb " + text(entry, "ifname") + " " + text(entry, "mac"), entry);
      }
    }
    parameters();
  }

  /** The kernel's parameters of the devices, and of all. */
  private void parameters() {
    String text =
        machine.run(
            "sh",
            "-c",
            "cd /proc/sys/net; grep -s . ipv4/ip_forward ipv4/conf/*/* ipv6/conf/*/*; true");
    for (String line : text.split("\n")) {
      int at = line.indexOf(':');
      // Random, and a secret.
      if (at > 0 && !line.contains("/stable_secret")) {
        found.put("parameter " + line.substring(0, at), line.substring(at + 1));
      }
    }
  }

  private JsonNode json(String... command) {
    String out = machine.run(command).strip();
    return JsonMapper.shared().readTree(out.isEmpty() ? "[]" : out);
  }

  private static String text(JsonNode node, String field) {
    return node.path(field).asString("");
  }

  private void flatten(String name, JsonNode value) {
    if (value.isObject()) {
      value
          .propertyStream()
          .forEach(field -> flatten(name + " " + field.getKey(), field.getValue()));
    } else if (value.isArray() && value.valueStream().anyMatch(JsonNode::isContainer)) {
      int[] place = {0};
      value.valueStream().forEach(each -> flatten(name + " " + place[0]++, each));
    } else if (value.isArray()) {
      Stream<String> words = value.valueStream().map(each -> each.asString(""));
      found.put(name, words.sorted().collect(Collectors.joining(" ")));
    } else if (!isNumbering(name)) {
      found.put(name, value.asString(""));
    }
  }

  /** In which order devices were made, and when. */
  private static boolean isNumbering(String name) {
    return name.endsWith(" ifindex") || name.endsWith(" link_index") || name.endsWith(" gc_timer");
  }
}
