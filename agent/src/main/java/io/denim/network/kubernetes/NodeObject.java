package io.denim.network.kubernetes;

import io.denim.store.kubernetes.JsonFields;
import io.denim.store.kubernetes.ObjectReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * What is kept of a Node.
 *
 * @param name its name
 * @param uid another one when it was deleted and registered anew
 * @param resourceVersion its version
 * @param annotations flannel's among its annotations
 * @param podCidrs its subnets; empty when only the metadata were sent
 */
record NodeObject(
    String name,
    String uid,
    String resourceVersion,
    Map<String, String> annotations,
    Optional<PodCidrs> podCidrs)
    implements ObjectReader.Versioned {
  NodeObject {
    annotations = Map.copyOf(annotations);
  }

  /** A reader that keeps the annotations of a prefix. */
  static ObjectReader<NodeObject> reader(NodeAnnotations annotations) {
    return parser -> new Reading(annotations).read(parser);
  }

  private static final class Reading {
    private final NodeAnnotations wanted;
    private final Map<String, String> annotations = new TreeMap<>();
    private String name = "";
    private String uid = "";
    private String resourceVersion = "";
    private boolean whole;
    private String podCidr = "";
    private final List<String> podCidrs = new ArrayList<>();

    Reading(NodeAnnotations wanted) {
      this.wanted = wanted;
    }

    NodeObject read(JsonParser parser) {
      JsonFields.each(parser, this::top);
      if (podCidrs.isEmpty() && !podCidr.isEmpty()) {
        podCidrs.add(podCidr);
      }
      return new NodeObject(
          name,
          uid,
          resourceVersion,
          annotations,
          whole ? Optional.of(PodCidrs.of(podCidrs)) : Optional.empty());
    }

    private boolean top(String field, JsonParser parser) {
      switch (field) {
        case "metadata" -> JsonFields.each(parser, this::metadata);
        case "spec" -> {
          whole = true;
          JsonFields.each(parser, this::spec);
        }
        default -> {
          return false;
        }
      }
      return true;
    }

    private boolean metadata(String field, JsonParser parser) {
      switch (field) {
        case "name" -> name = JsonFields.text(parser);
        case "uid" -> uid = JsonFields.text(parser);
        case "resourceVersion" -> resourceVersion = JsonFields.text(parser);
        case "annotations" -> JsonFields.each(parser, this::annotation);
        default -> {
          return false;
        }
      }
      return true;
    }

    private boolean annotation(String field, JsonParser parser) {
      if (!wanted.has(field)) {
        return false;
      }
      annotations.put(field, JsonFields.text(parser));
      return true;
    }

    private boolean spec(String field, JsonParser parser) {
      switch (field) {
        case "podCIDR" -> podCidr = JsonFields.text(parser);
        case "podCIDRs" -> cidrs(parser);
        default -> {
          return false;
        }
      }
      return true;
    }

    private void cidrs(JsonParser parser) {
      if (parser.currentToken() != JsonToken.START_ARRAY) {
        parser.skipChildren();
        return;
      }
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        podCidrs.add(JsonFields.text(parser));
      }
    }
  }
}
