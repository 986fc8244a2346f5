package io.denim.bgp.rib;

import io.denim.bgp.config.Role;
import io.denim.bgp.wire.AttributeSet;
import java.util.Optional;

/**
 * Routes that do not leak (RFC 9234 5): what comes from a provider, a peer or a route server is
 * marked with the attribute ONLY_TO_CUSTOMER (OTC), and goes on to customers alone. Without a role
 * on the session nothing happens.
 */
final class OnlyToCustomer {
  private OnlyToCustomer() {}

  /** Why a route must not have come this way, in words; empty when it may. */
  static Optional<String> leak(Optional<Role> ours, SourceInfo from, AttributeSet set) {
    if (ours.isEmpty() || set.otc() == 0) {
      return Optional.empty();
    }
    String came = "it leaks: it has ONLY_TO_CUSTOMER of AS " + set.otc();
    return switch (ours.get()) {
      case PROVIDER, RS ->
          Optional.of(came + ", and comes from " + theirs(ours.get()) + " (RFC 9234 5)");
      case PEER ->
          set.otc() == from.as()
              ? Optional.empty()
              : Optional.of(came + ", and comes from a peer of AS " + from.as() + " (RFC 9234 5)");
      case CUSTOMER, RS_CLIENT -> Optional.empty();
    };
  }

  /** The attributes of a route that comes; the same object when nothing is to be marked. */
  static AttributeSet coming(Optional<Role> ours, SourceInfo from, AttributeSet set) {
    return ours.isPresent() && set.otc() == 0 && isUpOrBeside(ours.get())
        ? set.toBuilder().otc(from.as()).build()
        : set;
  }

  /** Why a route is not told to the other side, in words; empty when it may be. */
  static Optional<String> keptBack(Optional<Role> ours, AttributeSet set) {
    return ours.isPresent() && set.otc() != 0 && isUpOrBeside(ours.get())
        ? Optional.of(
            "it has ONLY_TO_CUSTOMER of AS "
                + set.otc()
                + ", and this is "
                + theirs(ours.get())
                + " (RFC 9234 5)")
        : Optional.empty();
  }

  /**
   * ONLY_TO_CUSTOMER of a route that leaves; 0 for none.
   *
   * @param localAs this speaker's AS on the session
   */
  static long leaving(Optional<Role> ours, long localAs, AttributeSet set) {
    boolean marks =
        set.otc() == 0
            && ours.isPresent()
            && switch (ours.get()) {
              case PROVIDER, RS, PEER -> true;
              case CUSTOMER, RS_CLIENT -> false;
            };
    return marks ? localAs : set.otc();
  }

  /** Whether the other side is a provider, a route server or a peer. */
  private static boolean isUpOrBeside(Role ours) {
    return switch (ours) {
      case CUSTOMER, RS_CLIENT, PEER -> true;
      case PROVIDER, RS -> false;
    };
  }

  private static String theirs(Role ours) {
    return switch (ours.counterpart()) {
      case PROVIDER -> "a provider";
      case CUSTOMER -> "a customer";
      case RS -> "a route server";
      case RS_CLIENT -> "a client of this route server";
      case PEER -> "a peer";
    };
  }
}
