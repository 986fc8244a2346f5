package io.denim.ipam;

import io.denim.model.LeaseRecord;
import io.denim.store.Entry;
import java.time.Duration;
import java.util.Optional;

/**
 * A subnet that a node holds.
 *
 * @param node the stable name of the node
 * @param record the subnet and what the node publishes
 * @param entry the lease in the store
 * @param fresh whether the node did not hold it before
 * @param how why it got this one, in words for a log
 */
public record Acquired(String node, LeaseRecord record, Entry entry, boolean fresh, String how) {
  /**
   * How long to wait before {@link SubnetAllocator#renew}; empty for a reservation, which does not
   * run out.
   *
   * @param margin how long before the end the lease is renewed
   */
  public Optional<Duration> untilRenewal(Duration margin) {
    return entry
        .timeToLive()
        .map(left -> left.minus(margin))
        .map(wait -> wait.isNegative() ? Duration.ZERO : wait);
  }
}
