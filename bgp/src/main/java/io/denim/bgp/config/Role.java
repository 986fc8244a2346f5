package io.denim.bgp.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What this speaker is to an external peer (RFC 9234 4.1), so that routes do not leak. */
public enum Role {
  /** Sells transit to the peer. */
  PROVIDER(0),
  /** The route server of an exchange, and the peer a client of it. */
  RS(1),
  /** A client of the peer, which is the route server. */
  RS_CLIENT(2),
  /** Buys transit from the peer. */
  CUSTOMER(3),
  /** Each gives the other its own and its customers' routes. */
  PEER(4);

  private final int code;

  Role(int code) {
    this.code = code;
  }

  /** The value in the capability (RFC 9234 4.1). */
  public int code() {
    return code;
  }

  /** The role of this value; empty for one that is not assigned. */
  public static Optional<Role> of(int code) {
    return Arrays.stream(values()).filter(role -> role.code == code).findFirst();
  }

  /** The role that the other side of the session must have (RFC 9234 4.2). */
  public Role counterpart() {
    return switch (this) {
      case PROVIDER -> CUSTOMER;
      case CUSTOMER -> PROVIDER;
      case RS -> RS_CLIENT;
      case RS_CLIENT -> RS;
      case PEER -> PEER;
    };
  }

  /** As it is written in a file, such as {@code rs-client}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
