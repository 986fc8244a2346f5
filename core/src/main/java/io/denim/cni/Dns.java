package io.denim.cni;

import java.util.List;

/**
 * What a container's resolver may be told.
 *
 * @param nameservers addresses of servers, the first being asked first
 * @param domain the local domain; empty when there is none
 * @param search domains to complete short names with
 * @param options options of the resolver
 */
public record Dns(
    List<String> nameservers, String domain, List<String> search, List<String> options) {
  /** Nothing. */
  public static final Dns NONE = new Dns(List.of(), "", List.of(), List.of());

  /** Copies the lists. */
  public Dns {
    nameservers = List.copyOf(nameservers);
    search = List.copyOf(search);
    options = List.copyOf(options);
  }

  /** Whether it says nothing. */
  public boolean isEmpty() {
    return equals(NONE);
  }

  /** Reads the object of a configuration or a result. */
  static Dns read(Keys keys) {
    return new Dns(
        keys.texts("nameservers"),
        keys.text("domain").orElse(""),
        keys.texts("search"),
        keys.texts("options"));
  }
}
