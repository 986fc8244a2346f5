package io.denim.bgp.speaker;

import io.denim.net.Family;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A speaker's tables at one moment.
 *
 * @param chosen of each family, to how many prefixes there is a route that may be used
 * @param logOctets what is kept in memory of what is to be told or was told last
 * @param convergence how long changes took, from the first to the last peer's having been told
 */
public record TableStatus(Map<Family, Integer> chosen, long logOctets, Durations convergence) {
  /** Copies the map. */
  public TableStatus {
    chosen = Map.copyOf(chosen);
  }

  static TableStatus of(Core core) {
    Map<Family, Integer> chosen = new EnumMap<>(Family.class);
    for (Family family : Family.values()) {
      chosen.put(family, core.rib.chosen(family));
    }
    return new TableStatus(chosen, core.rib.logOctets(), core.convergence.durations());
  }

  /**
   * Durations in classes.
   *
   * @param bounds the upper end of each class but the last, which has none, in seconds
   * @param counts how many were in each class
   * @param seconds all of them together
   */
  public record Durations(List<Double> bounds, List<Long> counts, double seconds) {
    /** Copies the lists. */
    public Durations {
      bounds = List.copyOf(bounds);
      counts = List.copyOf(counts);
    }
  }
}
