package io.denim.store;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Changes that are about to be committed together. Each of them is decided with those before it
 * already seen, at one common time. Entries whose time has come are deleted first.
 */
final class Draft {
  private final History history;
  private final long now;
  private final List<Change> changes = new ArrayList<>();
  private final Map<Key, Optional<Change.Put>> drafted = new HashMap<>();
  private long revision;

  Draft(History history, InstantSource clock) {
    this.history = history;
    this.now = clock.millis();
    this.revision = history.revision();
    for (Change.Put put : history.expired(now)) {
      remove(put.key());
    }
  }

  private Optional<Change.Put> find(Key key) {
    Optional<Change.Put> draft = drafted.get(key);
    return draft == null ? history.find(key) : draft;
  }

  Change create(Key key, String value, Lifetime lifetime) {
    Optional<Change.Put> present = find(key);
    if (present.isPresent()) {
      throw new ConflictException("create " + key, History.entry(present.get(), now));
    }
    return write(key, value, lifetime);
  }

  Change replace(Key key, String value, Revision expected, Lifetime lifetime) {
    check("replace " + key, key, expected);
    return write(key, value, lifetime);
  }

  Change delete(Key key, Revision expected) {
    check("delete " + key, key, expected);
    return remove(key);
  }

  private void check(String attempted, Key key, Revision expected) {
    Change.Put present = find(key).orElseThrow(() -> new NotFoundException(attempted, key));
    if (!expected.token().equals(Long.toString(present.revision()))) {
      throw new ConflictException(
          attempted + " at revision " + expected, History.entry(present, now));
    }
  }

  private Change write(Key key, String value, Lifetime lifetime) {
    long deadline =
        switch (lifetime) {
          case Lifetime.Permanent permanent -> Change.NEVER;
          case Lifetime.Ttl ttl -> now + Math.max(1, ttl.duration().toMillis());
        };
    Change.Put put = new Change.Put(key, value, ++revision, deadline);
    changes.add(put);
    drafted.put(key, Optional.of(put));
    return put;
  }

  private Change remove(Key key) {
    Change.Delete delete = new Change.Delete(key, ++revision);
    changes.add(delete);
    drafted.put(key, Optional.empty());
    return delete;
  }

  /** What is to be committed, in order. */
  List<Change> changes() {
    return List.copyOf(changes);
  }
}
