package io.denim.bgp.policy;

import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.Community;
import io.denim.bgp.wire.LargeCommunity;
import io.denim.net.Cidr;
import io.denim.net.Family;
import java.util.List;

/** What a rule asks of a route. Those with a list hold when one of its members does. */
public sealed interface Condition {
  /** Whether a route meets this. Allocates nothing, but for large communities of the route. */
  default boolean holds(Subject route) {
    AttributeSet attributes = route.attributes();
    return switch (this) {
      case PrefixIn(PrefixSet set) -> route.isIn(set);
      case HasCommunity(List<Integer> anyOf) -> AnyOf.communities(attributes, anyOf);
      case HasExtCommunity(List<Long> anyOf) -> AnyOf.extCommunities(attributes, anyOf);
      case HasLargeCommunity(List<LargeCommunity> anyOf) ->
          AnyOf.largeCommunities(attributes, anyOf);
      case AsPathStartsWith(List<Long> numbers) -> attributes.asPath().startsWith(numbers);
      case AsPathContains(List<Long> anyOf) -> AnyOf.ases(attributes.asPath(), anyOf);
      case AsPathLength(int min, int max) -> isWithin(attributes.asPath().length(), min, max);
      case OriginatedBy(List<Long> anyOf) -> anyOf.contains(attributes.asPath().originAs());
      case LocalPrefIs(long value) -> attributes.localPref() == value;
      case MedIs(long value) -> attributes.med() == value;
      case FromSource(Source source) -> route.source() == source;
      case FromPeer(Glob name) -> name.matches(route.peer());
      case KindIs(Glob kind) -> kind.matches(route.kind());
      case NextHopIn(List<Cidr> anyOf) -> AnyOf.cidrs(attributes.nextHop(), anyOf);
      case FamilyIs(Family family) -> route.family() == family;
      case Not(Condition condition) -> !condition.holds(route);
    };
  }

  private static boolean isWithin(int value, int min, int max) {
    return value >= min && value <= max;
  }

  private static void checkNotEmpty(List<?> values, String what) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("a condition on " + what + " names one at least");
    }
  }

  private static void check32(long value, String what) {
    if (value < 0 || value > 0xffff_ffffL) {
      throw new IllegalArgumentException(what + " is 0 to 4294967295, got " + value);
    }
  }

  /** The prefix is in a set. */
  record PrefixIn(PrefixSet set) implements Condition {
    /** Checks that the set is not empty. */
    public PrefixIn {
      checkNotEmpty(set.matches(), "prefixes");
    }
  }

  /** One of these communities is there (RFC 1997). */
  record HasCommunity(List<Integer> anyOf) implements Condition {
    /** Checks that there is one. */
    public HasCommunity {
      anyOf = List.copyOf(anyOf);
      checkNotEmpty(anyOf, "communities");
    }

    @Override
    public String toString() {
      return "HasCommunity" + anyOf.stream().map(Community::format).toList();
    }
  }

  /** One of these extended communities is there, each as the number of its 64 bits (RFC 4360). */
  record HasExtCommunity(List<Long> anyOf) implements Condition {
    /** Checks that there is one. */
    public HasExtCommunity {
      anyOf = List.copyOf(anyOf);
      checkNotEmpty(anyOf, "extended communities");
    }
  }

  /** One of these large communities is there (RFC 8092). */
  record HasLargeCommunity(List<LargeCommunity> anyOf) implements Condition {
    /** Checks that there is one. */
    public HasLargeCommunity {
      anyOf = List.copyOf(anyOf);
      checkNotEmpty(anyOf, "large communities");
    }
  }

  /** The AS path begins with these, nearest first, in a sequence. */
  record AsPathStartsWith(List<Long> numbers) implements Condition {
    /** Checks that there is one. */
    public AsPathStartsWith {
      numbers = List.copyOf(numbers);
      checkNotEmpty(numbers, "the AS path's begin");
    }
  }

  /** One of these is somewhere in the AS path. */
  record AsPathContains(List<Long> anyOf) implements Condition {
    /** Checks that there is one. */
    public AsPathContains {
      anyOf = List.copyOf(anyOf);
      checkNotEmpty(anyOf, "the AS path");
    }
  }

  /**
   * The AS path has a length from {@code min} to {@code max}, counted as the decision process does:
   * a set is 1, confederation segments are 0 (RFC 4271 9.1.2.2, RFC 5065 5.3).
   */
  record AsPathLength(int min, int max) implements Condition {
    /** The path is empty: the route began in this AS. */
    public static final AsPathLength EMPTY = new AsPathLength(0, 0);

    /** Checks the order. */
    public AsPathLength {
      if (min < 0 || max < min) {
        throw new IllegalArgumentException(
            "the lengths of an AS path are 0 or more in ascending order, got "
                + min
                + " to "
                + max);
      }
    }
  }

  /** The last of the AS path is one of these. */
  record OriginatedBy(List<Long> anyOf) implements Condition {
    /** Checks that there is one. */
    public OriginatedBy {
      anyOf = List.copyOf(anyOf);
      checkNotEmpty(anyOf, "the route's origin");
    }
  }

  /** LOCAL_PREF has this value; a route without has 100. */
  record LocalPrefIs(long value) implements Condition {
    /** Checks that it is of 32 bits. */
    public LocalPrefIs {
      check32(value, "LOCAL_PREF");
    }
  }

  /** MED has this value; a route without has 0. */
  record MedIs(long value) implements Condition {
    /** Checks that it is of 32 bits. */
    public MedIs {
      check32(value, "MED");
    }
  }

  /** The speaker has it from there. */
  record FromSource(Source source) implements Condition {}

  /** It was learned from a peer of such a name; a local route has the empty one. */
  record FromPeer(Glob name) implements Condition {}

  /** It is a local route of such a kind; one that was learned has the empty kind. */
  record KindIs(Glob kind) implements Condition {}

  /** Its next hop is in one of these. */
  record NextHopIn(List<Cidr> anyOf) implements Condition {
    /** Checks that there is one. */
    public NextHopIn {
      anyOf = List.copyOf(anyOf);
      checkNotEmpty(anyOf, "the next hop");
    }
  }

  /** It is of this family. */
  record FamilyIs(Family family) implements Condition {}

  /** The other one does not hold. */
  record Not(Condition condition) implements Condition {}
}
