package io.denim.store.etcd;

import com.google.protobuf.ByteString;
import io.denim.store.Entry;
import io.denim.store.Key;
import io.denim.store.Revision;
import io.etcd.jetcd.api.KeyValue;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;

/**
 * How keys of a {@link io.denim.store.Store} are named in etcd: {@code
 * <prefix>/<collection>/<name>}, {@code <prefix>/<name>} without a collection. Pure.
 */
final class KeySpace {
  /**
   * The longest time to live that etcd grants (9,000,000,000 s, MaxLeaseTTL of its
   * lease/lessor.go): what is certainly no less than what remains of a lease about which nobody has
   * been asked.
   */
  static final Duration LONGEST = Duration.ofHours(2_500_000);

  private static final ByteString SLASH = ByteString.copyFromUtf8("/");
  private static final ByteString BEHIND_SLASH = ByteString.copyFromUtf8("0");
  private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

  private final String base;

  KeySpace(String prefix) {
    this.base = prefix.endsWith("/") ? prefix : prefix + "/";
  }

  /**
   * A half-open range of keys, in the order of their bytes.
   *
   * @param from the first key
   * @param end the first one behind it
   */
  record Span(ByteString from, ByteString end) {
    boolean contains(ByteString name) {
      Comparator<ByteString> order = ByteString.unsignedLexicographicalComparator();
      return order.compare(from, name) <= 0 && order.compare(name, end) < 0;
    }
  }

  /** The name of an entry in etcd. */
  ByteString name(Key key) {
    return ByteString.copyFromUtf8(base + key);
  }

  /** All keys that begin as those of the collection do. Without a collection: all of the prefix. */
  Span span(String collection) {
    ByteString path =
        ByteString.copyFromUtf8(
            collection.isEmpty() ? base.substring(0, base.length() - 1) : base + collection);
    return new Span(path.concat(SLASH), path.concat(BEHIND_SLASH));
  }

  /** The key of one entry. */
  Span span(Key key) {
    ByteString name = name(key);
    return new Span(name, name.concat(ZERO));
  }

  /** The key in a collection that has this name in etcd; empty when it belongs to none in it. */
  Optional<Key> key(String collection, ByteString name) {
    int start = base.length() + (collection.isEmpty() ? 0 : collection.length() + 1);
    if (!name.isValidUtf8() || !name.startsWith(span(collection).from())) {
      return Optional.empty();
    }
    String rest = name.toStringUtf8().substring(start);
    boolean below = collection.isEmpty() && rest.indexOf('/') >= 0;
    return rest.isEmpty() || below ? Optional.empty() : Optional.of(new Key(collection, rest));
  }

  /**
   * Where to go on behind a key that was read: behind itself, or behind all that is below it when
   * it is not in the collection.
   */
  ByteString behind(String collection, ByteString name) {
    ByteString from = span(collection).from();
    int slash = name.size() > from.size() ? indexOfSlash(name, from.size()) : -1;
    return collection.isEmpty() && slash >= 0
        ? name.substring(0, slash).concat(BEHIND_SLASH)
        : name.concat(ZERO);
  }

  private static int indexOfSlash(ByteString name, int start) {
    for (int i = start; i < name.size(); i++) {
      if (name.byteAt(i) == '/') {
        return i;
      }
    }
    return -1;
  }

  /** What etcd says of an entry, without asking how long it will live. */
  static Entry entry(Key key, KeyValue found) {
    return entry(key, found, found.getLease() == 0 ? Optional.empty() : Optional.of(LONGEST));
  }

  /** What etcd says of an entry of which it is known how long it will live. */
  static Entry entry(Key key, KeyValue found, Optional<Duration> timeToLive) {
    return new Entry(
        key, found.getValue().toStringUtf8(), revision(found.getModRevision()), timeToLive);
  }

  /** etcd's revision as a store's. */
  static Revision revision(long number) {
    return new Revision(Long.toString(number));
  }

  /** A store's revision as etcd's. */
  static long number(Revision revision) {
    try {
      return Long.parseLong(revision.token());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "\"" + revision + "\" is no revision of etcd, which are numbers", e);
    }
  }
}
