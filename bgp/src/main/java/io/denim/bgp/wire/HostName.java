package io.denim.bgp.wire;

/** The host name capability (73): shown, never relied on. */
public record HostName(String host, String domain) {
  @Override
  public String toString() {
    return domain.isEmpty() ? host : host + "." + domain;
  }
}
