package io.denim.network;

import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.model.InvalidConfigException;
import io.denim.model.LeaseRecord;
import io.denim.model.SubnetEnv;
import io.denim.model.SubnetOrigin;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import io.denim.state.Peer;
import io.denim.store.StoreHealth;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How one node takes part in a flannel network: where its configuration comes from, who gives it
 * its subnets, and how nodes learn of each other. What a store must be asked for blocks, and throws
 * {@link io.denim.store.StoreException} when the store does not answer; that is tried again by who
 * called. What is followed is answered from memory.
 */
public interface Membership extends AutoCloseable {
  /** Who divides the pod network, which decides what of a configuration is checked. */
  SubnetOrigin origin();

  /**
   * Begins to follow the network and returns when all of it has been read once. From then on {@code
   * changed} is called, by any thread, whenever {@link #view} may differ; it must return at once.
   * The following survives every interruption by itself. Called again after it has thrown.
   */
  void follow(Runnable changed);

  /** The network as it is known now. Before {@link #follow} has returned it is empty. */
  View view();

  /**
   * What this node published when it ran last, by which it keeps its hardware addresses; empty when
   * it never did or it cannot be read.
   */
  Optional<FlannelLease> published();

  /**
   * Gets the node its subnets and publishes it.
   *
   * @param lease what the node wants to be known by
   * @param previous what the node had at its last run, from its {@code subnet.env}
   * @throws InvalidConfigException when the network does not allow it, for a reason that a person
   *     has to mend
   * @throws NotYetException when the subnets are not given yet
   * @throws io.denim.ipam.AllocationException when there is no subnet to be had
   */
  Held join(FlannelConfig config, FlannelLease lease, Optional<SubnetEnv> previous);

  /**
   * Publishes a node that has joined again: because the time of {@link Held#renewIn} has come, what
   * it wants to be known by has changed, or {@link View#lost} says that its record is gone.
   *
   * @throws io.denim.ipam.AllocationException when another node holds the subnets by now; it names
   *     the node
   */
  Held publish(FlannelLease lease);

  /** Says that this node's network works, to those who wait for it. Failing is no harm but told. */
  void announceReady();

  /** How asking the network's store goes. */
  StoreHealth health();

  /** Stops following. What is published stays. */
  @Override
  void close();

  /**
   * What a node holds.
   *
   * @param record its subnets and what it wanted to be known by
   * @param key the name of its record, for messages
   * @param how why it got these subnets, in words for a log
   * @param renewIn when {@link Membership#publish} is due; empty when never
   */
  record Held(LeaseRecord record, String key, String how, Optional<Duration> renewIn) {}

  /**
   * The network as a node sees it.
   *
   * @param configuration the text of net-conf.json; empty when there is none yet. One that was
   *     there and went away stays
   * @param peers the other nodes, in the order of their names
   * @param addresses addresses that an administrator gave this node, which win over those of the
   *     command line
   * @param lost whether this node's record is gone or was changed by another, so that {@link
   *     Membership#publish} is due at once
   * @param unreadable records that nobody can read, by the name that a person finds them by, with
   *     the reason
   * @param problems what else is wrong, in words for a person
   */
  record View(
      Optional<String> configuration,
      List<Peer> peers,
      Map<Family, IpAddress> addresses,
      boolean lost,
      Map<String, String> unreadable,
      List<String> problems) {
    /** What is known before anything has been read. */
    public static final View NOTHING =
        new View(Optional.empty(), List.of(), Map.of(), false, Map.of(), List.of());

    /** Copies. */
    public View {
      peers = List.copyOf(peers);
      addresses = Map.copyOf(addresses);
      unreadable = Map.copyOf(unreadable);
      problems = List.copyOf(problems);
    }
  }
}
