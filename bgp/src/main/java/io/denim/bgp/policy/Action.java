package io.denim.bgp.policy;

import io.denim.bgp.wire.AsPath;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.AttributeSetBuilder;
import io.denim.bgp.wire.Community;
import io.denim.bgp.wire.LargeCommunity;
import io.denim.net.IpAddress;
import java.util.List;

/** What a rule changes in a route's attributes. */
public sealed interface Action {
  /** The attributes after these actions, in order; the same object when nothing changes. */
  static AttributeSet applyAll(List<Action> actions, AttributeSet attributes) {
    if (actions.isEmpty()) {
      return attributes;
    }
    AttributeSetBuilder builder = attributes.toBuilder();
    AsPath path = attributes.asPath();
    for (Action action : actions) {
      switch (action) {
        case SetLocalPref(long value) -> builder.localPref(value);
        case SetMed(long value) -> builder.med(value);
        case RemoveMed() -> builder.noMed();
        case SetOrigin(int value) -> builder.origin(value);
        case SetNextHop(IpAddress address) -> builder.nextHop(address);
        case AddCommunity(int community) -> builder.addCommunity(community);
        case RemoveCommunity(int community) -> builder.removeCommunity(community);
        case AddExtCommunity(long community) -> builder.addExtendedCommunity(community);
        case RemoveExtCommunity(long community) -> builder.removeExtendedCommunity(community);
        case AddLargeCommunity(LargeCommunity community) -> builder.addLargeCommunity(community);
        case RemoveLargeCommunity(LargeCommunity community) ->
            builder.removeLargeCommunity(community);
        case Prepend(List<Long> numbers) -> {
          for (long as : numbers.reversed()) {
            path = path.prepend(as, 1);
          }
          builder.asPath(path);
        }
      }
    }
    AttributeSet changed = builder.build();
    return changed.equals(attributes) ? attributes : changed;
  }

  private static void check32(long value, String what) {
    if (value < 0 || value > 0xffff_ffffL) {
      throw new IllegalArgumentException(what + " is 0 to 4294967295, got " + value);
    }
  }

  /** LOCAL_PREF becomes this. */
  record SetLocalPref(long value) implements Action {
    /** Checks that it is of 32 bits. */
    public SetLocalPref {
      check32(value, "LOCAL_PREF");
    }
  }

  /** MED becomes this. */
  record SetMed(long value) implements Action {
    /** Checks that it is of 32 bits. */
    public SetMed {
      check32(value, "MED");
    }
  }

  /** MED goes. */
  record RemoveMed() implements Action {}

  /** ORIGIN becomes this: 0 IGP, 1 EGP, 2 incomplete. */
  record SetOrigin(int value) implements Action {
    /** Checks that it is one of the three. */
    public SetOrigin {
      if (value < 0 || value > 2) {
        throw new IllegalArgumentException("ORIGIN is 0, 1 or 2, got " + value);
      }
    }
  }

  /** The next hop becomes this, and stays so under every {@code NextHopMode}. */
  record SetNextHop(IpAddress address) implements Action {
    /** Checks that packets can be sent there. */
    public SetNextHop {
      if (address.isAny() || address.isMulticast()) {
        throw new IllegalArgumentException("a next hop is one router's address, got " + address);
      }
      if (address.needsInterface()) {
        throw new IllegalArgumentException(
            "a link-local next hop says nothing off its link; allowed: a global one, got "
                + address);
      }
    }
  }

  /** A community more, once (RFC 1997). */
  record AddCommunity(int community) implements Action {
    @Override
    public String toString() {
      return "AddCommunity[" + Community.format(community) + "]";
    }
  }

  /** A community less. */
  record RemoveCommunity(int community) implements Action {
    @Override
    public String toString() {
      return "RemoveCommunity[" + Community.format(community) + "]";
    }
  }

  /** An extended community more, once: the number of its 64 bits (RFC 4360). */
  record AddExtCommunity(long community) implements Action {}

  /** An extended community less. */
  record RemoveExtCommunity(long community) implements Action {}

  /** A large community more, once (RFC 8092). */
  record AddLargeCommunity(LargeCommunity community) implements Action {}

  /** A large community less. */
  record RemoveLargeCommunity(LargeCommunity community) implements Action {}

  /** These come before the AS path, the first of them first. */
  record Prepend(List<Long> numbers) implements Action {
    /** Checks that there are 1 to 64 AS numbers. */
    public Prepend {
      numbers = List.copyOf(numbers);
      if (numbers.isEmpty() || numbers.size() > 64) {
        throw new IllegalArgumentException(
            "1 to 64 AS numbers can be prepended, got " + numbers.size());
      }
      for (long as : numbers) {
        if (as < 1 || as > 0xffff_ffffL) {
          throw new IllegalArgumentException("an AS number is 1 to 4294967295, got " + as);
        }
      }
    }
  }
}
