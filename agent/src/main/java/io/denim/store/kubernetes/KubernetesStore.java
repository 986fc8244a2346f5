package io.denim.store.kubernetes;

import io.denim.model.Json;
import io.denim.store.ConflictException;
import io.denim.store.Entry;
import io.denim.store.Event;
import io.denim.store.Key;
import io.denim.store.Lifetime;
import io.denim.store.Listing;
import io.denim.store.NotFoundException;
import io.denim.store.Revision;
import io.denim.store.Store;
import io.denim.store.UnavailableException;
import io.denim.store.Watch;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entries as ConfigMaps of one namespace, a ConfigMap each: {@code data.value} holds the text, the
 * label {@code denim.io/collection} names the collection, and the revision is the resourceVersion.
 * A time to live is an annotation with its end; an entry whose end has come is absent for every
 * reader, and whoever lists deletes it a while later.
 *
 * <p>It is for what has no resource of its own; a ConfigMap holds 1 MiB. RBAC: get, list, watch,
 * create, update and delete on configmaps of the namespace.
 */
public final class KubernetesStore implements Store {
  private static final Logger LOG = LoggerFactory.getLogger(KubernetesStore.class);

  /** The clocks of nodes differ; nobody deletes what another may think is still there. */
  private static final Duration KEPT_AFTER_END = Duration.ofMinutes(2);

  private final KubernetesApi api;
  private final String namespace;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Set<ConfigMapWatch> watches = ConcurrentHashMap.newKeySet();

  /**
   * A store that asks nothing yet.
   *
   * @param api stays the caller's
   * @param namespace where the ConfigMaps are; it must exist
   */
  public KubernetesStore(
      KubernetesApi api, String namespace, InstantSource clock, RandomGenerator random) {
    this.api = api;
    this.namespace = namespace;
    this.clock = clock;
    this.random = random;
  }

  private String path() {
    return "/api/v1/namespaces/" + ObjectList.encode(namespace) + "/configmaps";
  }

  private String path(Key key) {
    return path() + "/" + ConfigMapNames.name(key);
  }

  private ObjectList objects(String collection) {
    return new ObjectList(
        path(), Stored.COLLECTION + "=" + ConfigMapNames.label(collection), ObjectList.Form.WHOLE);
  }

  /** The ConfigMap of a key, whether its time has come or not. */
  private Optional<Stored> find(Key key) {
    return api.get(path(key), Stored::read).filter(stored -> stored.belongsTo(key.collection()));
  }

  private Optional<Stored> findLiving(Key key) {
    return find(key).filter(stored -> !stored.expired(clock.instant()));
  }

  @Override
  public Optional<Entry> get(Key key) {
    return findLiving(key).map(stored -> stored.entry(key, clock));
  }

  @Override
  public Listing list(String collection) {
    Map<String, Stored> found = new HashMap<>();
    String revision = read(collection, found);
    Instant now = clock.instant();
    TreeMap<String, Entry> entries = new TreeMap<>();
    for (Stored stored : found.values()) {
      if (!stored.expired(now)) {
        entries.put(stored.name(), stored.entry(new Key(collection, stored.name()), clock));
      } else if (stored.expired(now.minus(KEPT_AFTER_END))) {
        bury(new Key(collection, stored.name()), stored);
      }
    }
    watches.forEach(ConfigMapWatch::look);
    return new Listing(entries.values().stream().toList(), new Revision(revision));
  }

  /** All ConfigMaps of a collection by the names of their keys; gives the list's version. */
  String read(String collection, Map<String, Stored> into) {
    return api.list(
        objects(collection),
        Stored::read,
        stored -> {
          if (stored.belongsTo(collection)) {
            into.put(stored.name(), stored);
          } else {
            LOG.warn(
                "configmap={}/{} is ignored: its name is not that of its key \"{}\"",
                namespace,
                stored.object(),
                stored.name());
          }
        });
  }

  private void bury(Key key, Stored stored) {
    try {
      remove(key, stored.resourceVersion());
    } catch (UnavailableException e) {
      LOG.debug("an expired entry stays: {}", e.getMessage());
    }
  }

  @Override
  public Watch watch(String collection, Revision from, Consumer<Event> events) {
    ConfigMapWatch watch = new ConfigMapWatch(collection, clock, events, watches::remove);
    watches.add(watch);
    watch.begin(
        from.token(),
        known -> read(collection, known),
        sink -> api.watch(objects(collection), from.token(), Stored::read, random, sink));
    return watch;
  }

  @Override
  public Entry create(Key key, String value, Lifetime lifetime) {
    String attempted = "create " + key;
    while (true) {
      Instant now = clock.instant();
      String body = Stored.write(key, value, lifetime, now, "");
      switch (api.change(Verb.CREATE, path(), body, Stored::read)) {
        case Reply.Done<Stored>(Stored stored) -> {
          return stored.entry(key, clock);
        }
        case Reply.Missing<Stored>(String message) -> throw noNamespace(attempted, message);
        case Reply.Conflict<Stored> _ -> {
          Optional<Stored> present = api.get(path(key), Stored::read);
          if (present.isPresent() && !present.get().belongsTo(key.collection())) {
            throw new UnavailableException(
                attempted
                    + ": the ConfigMap "
                    + namespace
                    + "/"
                    + ConfigMapNames.name(key)
                    + " is not Denim's; rename or delete it");
          }
          if (present.isPresent() && !present.get().expired(now)) {
            throw new ConflictException(attempted, present.get().entry(key, clock));
          }
          Optional<Entry> taken =
              present.flatMap(old -> put(key, value, old.resourceVersion(), lifetime));
          if (taken.isPresent()) {
            return taken.get();
          }
        }
      }
    }
  }

  private UnavailableException noNamespace(String attempted, String message) {
    return new UnavailableException(
        attempted + ": " + message + "; create the namespace " + namespace);
  }

  /** Writes over a version; empty when it is not the present one. */
  private Optional<Entry> put(Key key, String value, String version, Lifetime lifetime) {
    String body = Stored.write(key, value, lifetime, clock.instant(), version);
    return switch (api.change(Verb.REPLACE, path(key), body, Stored::read)) {
      case Reply.Done<Stored>(Stored stored) -> Optional.of(stored.entry(key, clock));
      case Reply.Missing<Stored> _, Reply.Conflict<Stored> _ -> Optional.empty();
    };
  }

  @Override
  public Entry replace(Key key, String value, Revision expected, Lifetime lifetime) {
    String attempted = "replace " + key;
    while (true) {
      check(attempted, key, expected);
      Optional<Entry> written = put(key, value, expected.token(), lifetime);
      if (written.isPresent()) {
        return written.get();
      }
    }
  }

  @Override
  public void delete(Key key, Revision expected) {
    String attempted = "delete " + key;
    do {
      check(attempted, key, expected);
    } while (!remove(key, expected.token()));
  }

  /** Deletes a version; false when it is not the present one. */
  private boolean remove(Key key, String version) {
    var options = Json.mapper().createObjectNode();
    options.put("apiVersion", "v1").put("kind", "DeleteOptions");
    options.putObject("preconditions").put("resourceVersion", version);
    return switch (api.change(
        Verb.DELETE, path(key), Json.mapper().writeValueAsString(options), Stored::read)) {
      case Reply.Done<Stored> _ -> true;
      case Reply.Missing<Stored> _, Reply.Conflict<Stored> _ -> false;
    };
  }

  private void check(String attempted, Key key, Revision expected) {
    Stored present = findLiving(key).orElseThrow(() -> new NotFoundException(attempted, key));
    if (!present.resourceVersion().equals(expected.token())) {
      throw new ConflictException(
          attempted + " at revision " + expected, present.entry(key, clock));
    }
  }

  @Override
  public void close() {
    watches.forEach(ConfigMapWatch::close);
  }
}
