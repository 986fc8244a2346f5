package io.denim.state;

import io.denim.model.FlannelConfig;
import java.util.List;

/**
 * All that a planner may know.
 *
 * @param config the network configuration in force
 * @param local this node
 * @param underlay the network between the nodes, as this node's kernel sees it
 * @param peers the other nodes, in the order of their names
 */
public record Snapshot(FlannelConfig config, LocalNode local, Underlay underlay, List<Peer> peers) {
  /** Copies the list. */
  public Snapshot {
    peers = List.copyOf(peers);
  }

  /** This snapshot with other peers. */
  public Snapshot withPeers(List<Peer> others) {
    return new Snapshot(config, local, underlay, others);
  }
}
