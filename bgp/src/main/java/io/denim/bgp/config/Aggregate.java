package io.denim.bgp.config;

import io.denim.net.Cidr;

/**
 * A prefix that is announced as long as some route lies inside it (RFC 4271 9.2.2.2). Its path is
 * empty, with ATOMIC_AGGREGATE; a set of the AS numbers inside is not made (RFC 9774).
 *
 * @param prefix the aggregate
 * @param summaryOnly whether the routes inside are not announced
 */
public record Aggregate(Cidr prefix, boolean summaryOnly) {
  /** Checks that something longer can lie inside. */
  public Aggregate {
    if (prefix.isHost()) {
      throw new IllegalArgumentException(
          "an aggregate is shorter than a single address, got " + prefix);
    }
  }
}
