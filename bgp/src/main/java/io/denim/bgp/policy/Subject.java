package io.denim.bgp.policy;

import io.denim.bgp.wire.AttributeSet;
import io.denim.net.Cidr;
import io.denim.net.Family;

/**
 * A route as a policy sees it. The prefix is in parts, as tables hold it, so that none has to be
 * made for each evaluation.
 *
 * @param family the family of the prefix
 * @param high the upper 64 bits of an IPv6 prefix; 0 for IPv4
 * @param low the lower 64 bits; for IPv4 the 32 bits of the address
 * @param length the prefix length
 * @param attributes the attributes as received, or on export as they would be announced
 * @param source where the speaker has it from
 * @param peer the name of the peer that it was learned from; empty for a local route
 * @param kind the kind of a local route, such as {@code block}; empty for one that was learned
 */
public record Subject(
    Family family,
    long high,
    long low,
    int length,
    AttributeSet attributes,
    Source source,
    String peer,
    String kind) {
  /** A route that was learned from a peer. */
  public static Subject learned(Cidr prefix, AttributeSet attributes, Source source, String peer) {
    return new Subject(
        prefix.family(),
        prefix.address().high(),
        prefix.address().low(),
        prefix.length(),
        attributes,
        source,
        peer,
        "");
  }

  /** A route of the speaker's own. */
  public static Subject local(Cidr prefix, AttributeSet attributes, String kind) {
    return new Subject(
        prefix.family(),
        prefix.address().high(),
        prefix.address().low(),
        prefix.length(),
        attributes,
        Source.LOCAL,
        "",
        kind);
  }

  /** This route with other attributes; the same object when they are equal. */
  Subject with(AttributeSet others) {
    return others.equals(attributes)
        ? this
        : new Subject(family, high, low, length, others, source, peer, kind);
  }

  boolean isIn(PrefixSet set) {
    return set.contains(family, high, low, length);
  }
}
