package io.denim.agent;

import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.model.SubnetEnv;
import io.denim.model.SubnetOrigin;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import io.denim.network.Membership;
import io.denim.store.StoreHealth;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;

/** A membership in front of another one, which refuses first and says more. */
final class TestMembership implements Membership {
  private final Membership behind;
  private final Queue<RuntimeException> refusals = new ArrayDeque<>();
  private final Queue<RuntimeException> refusedAnnouncements = new ArrayDeque<>();
  private Runnable changed = () -> {};
  private Map<Family, IpAddress> addresses = Map.of();
  private int announcements;

  TestMembership(Membership behind) {
    this.behind = behind;
  }

  /** The next joining fails with this. */
  synchronized TestMembership refuse(RuntimeException refusal) {
    refusals.add(refusal);
    return this;
  }

  /** The next announcement fails with this. */
  synchronized TestMembership refuseAnnouncement(RuntimeException refusal) {
    refusedAnnouncements.add(refusal);
    return this;
  }

  /** An administrator gives the node addresses. */
  void addresses(Map<Family, IpAddress> given) {
    Runnable call;
    synchronized (this) {
      addresses = given;
      call = changed;
    }
    call.run();
  }

  synchronized int announcements() {
    return announcements;
  }

  @Override
  public SubnetOrigin origin() {
    return behind.origin();
  }

  @Override
  public void follow(Runnable onChange) {
    synchronized (this) {
      changed = onChange;
    }
    behind.follow(onChange);
  }

  @Override
  public View view() {
    View view = behind.view();
    synchronized (this) {
      return addresses.isEmpty()
          ? view
          : new View(
              view.configuration(),
              view.peers(),
              addresses,
              view.lost(),
              view.unreadable(),
              view.problems());
    }
  }

  @Override
  public Optional<FlannelLease> published() {
    return behind.published();
  }

  @Override
  public Held join(FlannelConfig config, FlannelLease lease, Optional<SubnetEnv> previous) {
    synchronized (this) {
      RuntimeException refusal = refusals.poll();
      if (refusal != null) {
        throw refusal;
      }
    }
    return behind.join(config, lease, previous);
  }

  @Override
  public Held publish(FlannelLease lease) {
    return behind.publish(lease);
  }

  @Override
  public void announceReady() {
    synchronized (this) {
      announcements++;
      RuntimeException refusal = refusedAnnouncements.poll();
      if (refusal != null) {
        throw refusal;
      }
    }
    behind.announceReady();
  }

  @Override
  public StoreHealth health() {
    return behind.health();
  }

  @Override
  public void close() {
    behind.close();
  }
}
