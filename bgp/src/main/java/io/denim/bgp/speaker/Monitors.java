package io.denim.bgp.speaker;

import io.denim.bgp.config.PeerAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Several monitors, which come and go while the speaker runs. One that comes late is told at once
 * of the sessions that are up ({@link Monitor#found}). While there is none, a message costs a look
 * at an empty list.
 */
public final class Monitors implements Monitor {
  private final List<Monitor> monitors = new CopyOnWriteArrayList<>();
  private final Map<PeerAddress, Session> sessions = new LinkedHashMap<>();

  @SuppressWarnings("ArrayRecordComponent") // never compared, and not shown
  private record Session(Link link, byte[] ours, byte[] theirs) {}

  /** This one sees everything from now on. */
  public synchronized void add(Monitor monitor) {
    sessions.values().forEach(each -> monitor.found(each.link, each.ours, each.theirs));
    monitors.add(monitor);
  }

  /** This one sees nothing any more. */
  public synchronized void remove(Monitor monitor) {
    monitors.remove(monitor);
  }

  @Override
  public boolean isWatching() {
    for (Monitor monitor : monitors) {
      if (monitor.isWatching()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void received(Link link, byte[] buffer, int offset, int length) {
    for (Monitor monitor : monitors) {
      if (monitor.isWatching()) {
        monitor.received(link, buffer, offset, length);
      }
    }
  }

  @Override
  public void sent(Link link, byte[] message) {
    for (Monitor monitor : monitors) {
      if (monitor.isWatching()) {
        monitor.sent(link, message);
      }
    }
  }

  @Override
  public boolean wantsTold(Link link) {
    for (Monitor monitor : monitors) {
      if (monitor.wantsTold(link)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void told(Link link, byte[] update) {
    for (Monitor monitor : monitors) {
      if (monitor.wantsTold(link)) {
        monitor.told(link, update);
      }
    }
  }

  @Override
  public void changed(Link link, PeerState before, PeerState after) {
    for (Monitor monitor : monitors) {
      if (monitor.isWatching()) {
        monitor.changed(link, before, after);
      }
    }
  }

  @Override
  public synchronized void up(Link link, byte[] ours, byte[] theirs) {
    sessions.put(link.at(), new Session(link, ours, theirs));
    monitors.forEach(monitor -> monitor.up(link, ours, theirs));
  }

  @Override
  public synchronized void down(Link link, End end, String words) {
    sessions.remove(link.at());
    monitors.forEach(monitor -> monitor.down(link, end, words));
  }
}
