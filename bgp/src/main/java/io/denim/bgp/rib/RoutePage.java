package io.denim.bgp.rib;

import io.denim.net.Family;
import java.util.List;
import java.util.Optional;

/**
 * A part of the tables, small enough that nobody waits while it is looked up. Who goes on from part
 * to part sees each prefix once that has had routes all the time; what comes or goes meanwhile may
 * be in it or not.
 *
 * @param routes in no particular order
 * @param next where the next part begins; empty after the last
 */
public record RoutePage(List<RouteView> routes, Optional<Place> next) {
  /** Copies the list. */
  public RoutePage {
    routes = List.copyOf(routes);
  }

  /**
   * A place in the tables.
   *
   * @param family whose table
   * @param prefix the number of a prefix in it
   */
  public record Place(Family family, int prefix) {
    /** Before all. */
    public static final Place START = new Place(Family.IPV4, 0);
  }
}
