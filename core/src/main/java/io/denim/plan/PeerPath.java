package io.denim.plan;

import io.denim.net.Cidr;

/**
 * The path to one remote subnet.
 *
 * @param peer the name of the node that holds the subnet
 * @param subnet the remote subnet
 * @param path how packets get there
 * @param reason why this path was chosen, in words for a person
 */
public record PeerPath(String peer, Cidr subnet, Path path, String reason)
    implements Comparable<PeerPath> {
  @Override
  public int compareTo(PeerPath other) {
    return subnet.compareTo(other.subnet);
  }
}
