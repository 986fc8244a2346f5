package io.denim.store.kubernetes;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * Objects that are listed and watched together.
 *
 * @param path the resource's, such as {@code /api/v1/nodes}
 * @param labelSelector which of them; empty for all
 * @param form how much of each the server sends
 */
public record ObjectList(String path, String labelSelector, Form form) {
  /** How much of an object. */
  public enum Form {
    /** All of it. */
    WHOLE("application/json", "application/json"),
    /** Its metadata alone, so that changes of the rest cost little. */
    METADATA(
        "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
        "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");

    private final String list;
    private final String single;

    Form(String list, String single) {
      this.list = list;
      this.single = single;
    }

    /** The Accept header of a list. */
    String list() {
      return list;
    }

    /** The Accept header of an object or a watch. */
    String single() {
      return single;
    }
  }

  /** The path with a query. */
  String with(String query) {
    String selector = labelSelector.isEmpty() ? "" : "&labelSelector=" + encode(labelSelector);
    return path + "?" + query + selector;
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
