package io.denim.attach;

import io.denim.linux.Errno;
import io.denim.linux.LinuxException;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.state.PodPorts;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes dying veths in groups. Deleting a veth makes the kernel wait for all processors (18 to 40
 * ms), deleting forty of a group waits once.
 */
final class VethReaper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(VethReaper.class);
  private static final long GATHERING_MILLIS = 100;

  private final Rtnetlink node;
  private final Set<String> dying = new HashSet<>();
  private final Set<String> beingDeleted = new HashSet<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("veth-reaper").daemon().factory());
  private boolean scheduled;

  /**
   * Begins.
   *
   * @param node a socket of its own, since a deletion holds it for long; is closed
   */
  VethReaper(Rtnetlink node) {
    this.node = node;
    // What a killed agent had marked.
    delete();
  }

  int portId() {
    return node.portId();
  }

  /** Takes note that a device, or the device of an address, has been marked as dying. */
  synchronized void dying(String deviceOrAddress) {
    dying.add(deviceOrAddress);
    if (!scheduled) {
      scheduled = true;
      var _ = timer.schedule(this::deleteAll, GATHERING_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** Makes sure that no dying device has this name or this address any more. */
  void flush(String deviceOrAddress) {
    boolean marked;
    synchronized (this) {
      awaitDeletion(deviceOrAddress);
      marked = dying.contains(deviceOrAddress);
    }
    if (marked) {
      deleteAll();
    }
  }

  private synchronized void awaitDeletion(String deviceOrAddress) {
    try {
      while (beingDeleted.contains(deviceOrAddress)) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AttachmentException("interrupted while a veth was being deleted", e);
    }
  }

  /** Nobody who marks another device has to wait meanwhile. */
  private void deleteAll() {
    Set<String> taken;
    synchronized (this) {
      scheduled = false;
      taken = Set.copyOf(dying);
      dying.clear();
      beingDeleted.addAll(taken);
    }
    try {
      delete();
    } finally {
      synchronized (this) {
        beingDeleted.removeAll(taken);
        notifyAll();
      }
    }
  }

  private void delete() {
    try {
      node.execute(Links.deleteGroup(PodPorts.DYING));
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENODEV) {
        LOG.warn("dying veths stay for now: {}", e.getMessage());
      }
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    deleteAll();
    node.close();
  }
}
