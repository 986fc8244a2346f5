package io.denim.model;

import io.denim.net.MacAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** What a node publishes for the peers that send to it, beyond its address. */
public sealed interface BackendData {
  /** The JSON as it stands in flannel's records. */
  String json();

  /**
   * The VTEP of a node.
   *
   * @param vni the VXLAN network identifier; empty in the records of flannel before v0.14
   * @param mac the hardware address of its vxlan device of this family
   */
  record Vxlan(OptionalInt vni, MacAddress mac) implements BackendData {
    @Override
    public String json() {
      String tail = "\"VtepMAC\":\"" + mac + "\"}";
      return vni.isPresent() ? "{\"VNI\":" + vni.getAsInt() + "," + tail : "{" + tail;
    }
  }

  /**
   * Data of a type that Denim does not read.
   *
   * @param json the JSON value, kept as it was
   */
  record Raw(String json) implements BackendData {}

  /**
   * Reads the data of a type; of a type that Denim does not know it is kept as it is.
   *
   * @throws InvalidConfigException when it is not what the type needs
   */
  static BackendData parse(String type, String json) {
    if (!type.equals("vxlan")) {
      return new Raw(json);
    }
    List<ConfigProblem> problems = new ArrayList<>();
    GoObject object = GoObject.parse(json, problems);
    OptionalLong vni = object.integer("VNI", 0, Backend.Vxlan.MAX_VNI);
    String text = object.text("VtepMAC").orElse("");
    Optional<MacAddress> mac = MacAddress.tryParse(text.toLowerCase(Locale.ROOT).replace('-', ':'));
    if (mac.isEmpty()) {
      object.problem("VtepMAC", "\"" + text + "\"", "must be a MAC such as c6:d2:32:6f:8f:44");
    }
    if (!problems.isEmpty() || mac.isEmpty()) {
      throw new InvalidConfigException(problems);
    }
    OptionalInt number =
        vni.isPresent() ? OptionalInt.of((int) vni.getAsLong()) : OptionalInt.empty();
    return new Vxlan(number, mac.get());
  }
}
