package io.denim.model;

import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Denim's own record of a node: which subnet it holds and from which addresses. flannel knows a
 * node by its public IP alone, so a node that changes its address loses its subnet, and two nodes
 * with one address fight; this record, under the node's stable name, is how Denim tells them apart.
 *
 * @param node the node's stable name
 * @param subnet the subnet it holds
 * @param addresses the public addresses under which its lease may stand: one, or while it moves
 *     from one address to another, both
 */
public record NodeFacts(String node, SubnetKey subnet, List<IpAddress> addresses) {
  private static final String FIELD = "node record";

  /** Copies the list. */
  public NodeFacts {
    addresses = List.copyOf(addresses);
  }

  /**
   * Reads the JSON.
   *
   * @throws InvalidConfigException when it is not such a record
   */
  public static NodeFacts parse(String json) {
    try {
      Written written = Json.mapper().readValue(json, Written.class);
      if (written == null || written.node == null || written.subnet == null) {
        throw InvalidConfigException.of(FIELD, json, "must have \"node\" and \"subnet\"");
      }
      List<IpAddress> addresses = new ArrayList<>();
      if (written.addresses != null) {
        for (String text : written.addresses) {
          addresses.add(IpAddress.parse(text == null ? "null" : text));
        }
      }
      return new NodeFacts(written.node, SubnetKey.parse(written.subnet), addresses);
    } catch (JacksonException e) {
      throw InvalidConfigException.of(FIELD, json, "is no JSON: " + e.getOriginalMessage());
    } catch (IllegalArgumentException e) {
      throw InvalidConfigException.of(FIELD, json, "cannot be read: " + e.getMessage());
    }
  }

  /** The record as JSON. */
  public String format() {
    return Json.mapper()
        .writeValueAsString(
            new Written(
                node,
                subnet.toString(),
                List.copyOf(addresses.stream().map(IpAddress::toString).toList())));
  }

  /** The shape in JSON; what is missing in the text is null. */
  private record Written(
      @Nullable String node, @Nullable String subnet, @Nullable List<@Nullable String> addresses) {}
}
