package io.denim.bgp.rib;

import io.denim.net.Cidr;
import java.util.List;

/**
 * All paths to a prefix, the best one first.
 *
 * @param prefix where they lead
 * @param paths at least one
 */
public record RouteView(Cidr prefix, List<PathView> paths) {
  /** Copies the list. */
  public RouteView {
    paths = List.copyOf(paths);
  }
}
