package io.denim.bgp.speaker;

import io.denim.bgp.config.FamilyConfig;
import io.denim.bgp.config.PeerConfig;
import io.denim.net.Family;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a change of a peer's configuration costs. */
final class ConfigChange {
  private ConfigChange() {}

  /**
   * Whether the peers have to agree anew: what stands in the OPEN or belongs to the connection is
   * another. Names, filters, the part in reflection, next hops and limits change while it is up.
   */
  static boolean needsReset(PeerConfig before, PeerConfig after) {
    return !before.address().equals(after.address())
        || !before.as().equals(after.as())
        || !before.localAs().equals(after.localAs())
        || before.port() != after.port()
        || !before.localAddress().equals(after.localAddress())
        || !before.ttl().equals(after.ttl())
        || !before.timers().equals(after.timers())
        || !agreed(before).equals(agreed(after))
        || !before.gracefulRestart().equals(after.gracefulRestart())
        || !before.role().equals(after.role())
        || before.extendedMessages() != after.extendedMessages()
        || before.shutdown() != after.shutdown();
  }

  /** The families without their limits, which are this side's own business. */
  private static Map<Family, FamilyConfig> agreed(PeerConfig config) {
    return config.families().entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                each ->
                    new FamilyConfig(
                        each.getValue().addPathReceive(),
                        each.getValue().addPathSend(),
                        each.getValue().extendedNextHop(),
                        Optional.empty())));
  }
}
