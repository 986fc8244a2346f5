package io.denim.store.etcd;

import com.google.protobuf.ByteString;
import io.denim.store.Entry;
import io.denim.store.Key;
import io.denim.store.Listing;
import io.denim.store.UnavailableException;
import io.denim.store.etcd.Cluster.Effect;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads a collection page by page, all at the revision of the first page. Without a collection,
 * what is below other collections is leapt over, so that reading the configuration does not read
 * all leases.
 */
final class Pages {
  private static final int PAGE = 500;

  /** Between two collections there are few keys. */
  private static final int SMALL_PAGE = 8;

  /** How often a reading begins anew whose revision was compacted meanwhile. */
  private static final int TRIES = 3;

  private final Cluster cluster;
  private final KeySpace keys;

  Pages(Cluster cluster, KeySpace keys) {
    this.cluster = cluster;
    this.keys = keys;
  }

  /** A whole collection, and its eldest entry. */
  record Read(Listing listing, Optional<Witness> witness) {}

  Read read(String collection) {
    for (int attempt = 1; ; attempt++) {
      try {
        return readAll(collection);
      } catch (AskException e) {
        if (e.trouble().kind() != Trouble.Kind.REVISION || attempt == TRIES) {
          throw new UnavailableException(
              "cannot list " + collection + " in etcd: " + e.getMessage(), e);
        }
      }
    }
  }

  private Read readAll(String collection) {
    KeySpace.Span span = keys.span(collection);
    List<Entry> entries = new ArrayList<>();
    Optional<KeyValue> eldest = Optional.empty();
    ByteString next = span.from();
    int limit = collection.isEmpty() ? SMALL_PAGE : PAGE;
    long revision = 0;
    boolean more = true;
    while (more) {
      RangeResponse page;
      try {
        page = page(collection, span, next, revision, limit);
      } catch (AskException e) {
        if (e.trouble().kind() != Trouble.Kind.TOO_LARGE || limit == 1) {
          throw e;
        }
        limit = limit > 10 ? limit / 10 : 1;
        continue;
      }
      revision = revision == 0 ? page.getHeader().getRevision() : revision;
      more = page.getMore();
      for (KeyValue each : page.getKvsList()) {
        next = keys.behind(collection, each.getKey());
        Optional<Key> key = keys.key(collection, each.getKey());
        if (key.isPresent()) {
          entries.add(KeySpace.entry(key.get(), each));
          eldest = eldest.filter(old -> isElder(old, each)).or(() -> Optional.of(each));
        } else if (leaps(next, each.getKey())) {
          more = true;
          break;
        }
      }
    }
    long at = revision;
    return new Read(
        new Listing(entries, KeySpace.revision(at)),
        eldest.map(each -> new Witness(each.getKey(), each.getCreateRevision(), at)));
  }

  private static boolean isElder(KeyValue one, KeyValue other) {
    return one.getCreateRevision() <= other.getCreateRevision();
  }

  /** Whether the next key is not the one right behind. */
  private static boolean leaps(ByteString next, ByteString name) {
    return next.size() != name.size() + 1 || !next.startsWith(name);
  }

  private RangeResponse page(
      String collection, KeySpace.Span span, ByteString from, long revision, int limit) {
    RangeRequest request =
        RangeRequest.newBuilder()
            .setKey(from)
            .setRangeEnd(span.end())
            .setRevision(revision)
            .setLimit(limit)
            .build();
    return cluster
        .ask("list \"" + collection + "\"", KVGrpc.getRangeMethod(), request, Effect.REPEATABLE)
        .message();
  }
}
