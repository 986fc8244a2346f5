package io.denim.ipam;

import io.denim.model.FlannelLease;
import io.denim.model.InvalidConfigException;
import io.denim.model.LeaseRecord;
import io.denim.model.SubnetKey;
import io.denim.store.Entry;
import io.denim.store.Key;

/** Where flannel, and Denim beside it, keep what they know of a network in a store. */
public final class FlannelLayout {
  /** The entry that holds {@code net-conf.json}; in etcd {@code <prefix>/config}. */
  public static final Key CONFIG = new Key("", "config");

  /** The collection of leases, named by {@link SubnetKey}. */
  public static final String SUBNETS = "subnets";

  /**
   * The collection of {@link io.denim.model.NodeFacts}, named by node. flannel lists everything
   * whose path begins with {@code subnets}, so it must not begin so.
   */
  public static final String NODES = "denim/nodes";

  private FlannelLayout() {}

  /** The key of a lease. */
  public static Key lease(SubnetKey subnet) {
    return new Key(SUBNETS, subnet.toString());
  }

  /** The key of Denim's record of a node. */
  public static Key node(String name) {
    return new Key(NODES, name);
  }

  /**
   * Reads an entry of {@link #SUBNETS}.
   *
   * @throws InvalidConfigException when name or value are such that flannel skips them
   */
  public static LeaseRecord read(Entry entry) {
    return LeaseRecord.of(SubnetKey.parse(entry.key().name()), FlannelLease.parse(entry.value()));
  }
}
