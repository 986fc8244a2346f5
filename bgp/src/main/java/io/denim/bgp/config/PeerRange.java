package io.denim.bgp.config;

import io.denim.net.Cidr;
import io.denim.net.IpAddress;

/**
 * Peers that are not known one by one: whoever dials from inside the range becomes one (dynamic
 * neighbours). The speaker never dials them, and forgets one when its session has ended.
 *
 * @param name the range's name, and the first part of its peers' names
 * @param range the addresses that may dial
 * @param template what a peer of the range is like; its address is the range's own
 * @param limit how many such peers there may be at once
 */
public record PeerRange(String name, Cidr range, PeerConfig template, int limit) {
  /** How many peers a range has room for when nothing is said. */
  public static final int DEFAULT_LIMIT = 10_000;

  /** Checks the limit, and that the template is one of this range. */
  public PeerRange {
    Bounds.checkName("a range's name", name);
    Bounds.check("the limit of range " + name, limit, 1, 1_000_000);
    if (!template.address().equals(range.address())) {
      throw new IllegalArgumentException(
          "the template of range "
              + name
              + " has the range's address "
              + range.address()
              + ", got "
              + template.address());
    }
  }

  /**
   * A range whose peers are as {@code like} builds one.
   *
   * @param like a builder of any name and address
   */
  public static PeerRange of(String name, Cidr range, PeerBuilder like) {
    PeerConfig template = like.name(name).address(range.address()).passive(true).build();
    return new PeerRange(name, range, template, DEFAULT_LIMIT);
  }

  /** This range with another limit. */
  public PeerRange withLimit(int count) {
    return new PeerRange(name, range, template, count);
  }

  /** What no other range has: its addresses, and the interface of link-local ones. */
  public String at() {
    return range + template.device().map(name -> "%" + name).orElse("");
  }

  /** Whether a peer there may dial. */
  public boolean contains(PeerAddress peer) {
    boolean known = peer.device().isPresent() || !peer.address().needsInterface();
    return known && range.contains(peer.address()) && template.device().equals(peer.device());
  }

  /**
   * The peer at this address of the range, named {@code range/address}.
   *
   * @throws IllegalArgumentException when the address is not in the range
   */
  public PeerConfig peer(IpAddress address) {
    if (!range.contains(address)) {
      throw new IllegalArgumentException(address + " is not in the range " + range);
    }
    return template.toBuilder().name(name + "/" + address).address(address).passive(true).build();
  }
}
