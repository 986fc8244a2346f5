package io.denim.store.etcd;

import com.google.protobuf.ByteString;
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
import io.denim.store.etcd.Cluster.Effect;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store in an etcd v3 cluster, in the layout that flannel keeps there. A write is one transaction
 * that compares the revision of the key; one with a time to live has a lease of its own, granted
 * just before, as flannel does it. Entries that others write without comparing are seen as they
 * are.
 */
public final class EtcdStore implements Store {
  private static final Logger LOG = LoggerFactory.getLogger(EtcdStore.class);

  /** How often a key is read whose lease runs out meanwhile. */
  private static final int LOOKS = 3;

  private final Cluster cluster;
  private final KeySpace keys;
  private final Pages pages;
  private final Map<String, Witness> witnesses = new ConcurrentHashMap<>();
  private final Set<Follower> followers = ConcurrentHashMap.newKeySet();

  private EtcdStore(EtcdOptions options, RandomGenerator random) {
    this.cluster = new Cluster(options, random);
    this.keys = new KeySpace(options.prefix());
    this.pages = new Pages(cluster, keys);
  }

  /**
   * Opens a store. Nothing is asked of the cluster yet, so it need not be there.
   *
   * @param random chooses the member to begin with, and spreads the tries of many nodes
   * @throws UnavailableException when a file of the options cannot be used; it names the flag
   */
  public static EtcdStore open(EtcdOptions options, RandomGenerator random) {
    return new EtcdStore(options, random);
  }

  @Override
  public Optional<Entry> get(Key key) {
    String attempted = "get " + key;
    for (int look = 1; ; look++) {
      Optional<KeyValue> found = read(attempted, keys.name(key));
      if (found.isEmpty() || found.get().getLease() == 0) {
        return found.map(each -> KeySpace.entry(key, each));
      }
      long left = secondsLeft(attempted, found.get().getLease());
      // A lease that is over takes its key along in a moment.
      if (left >= 0 || look == LOOKS) {
        Duration timeToLive = Duration.ofSeconds(Math.max(0, left));
        return Optional.of(KeySpace.entry(key, found.get(), Optional.of(timeToLive)));
      }
    }
  }

  private Optional<KeyValue> read(String attempted, ByteString name) {
    RangeRequest request = RangeRequest.newBuilder().setKey(name).build();
    return cluster
        .ask(attempted, KVGrpc.getRangeMethod(), request, Effect.REPEATABLE)
        .message()
        .getKvsList()
        .stream()
        .findFirst();
  }

  /** What remains of a lease; negative when it is over. */
  private long secondsLeft(String attempted, long lease) {
    return cluster
        .ask(
            attempted,
            LeaseGrpc.getLeaseTimeToLiveMethod(),
            LeaseTimeToLiveRequest.newBuilder().setID(lease).build(),
            Effect.REPEATABLE)
        .message()
        .getTTL();
  }

  @Override
  public Listing list(String collection) {
    Pages.Read read = pages.read(collection);
    read.witness()
        .ifPresentOrElse(
            each -> witnesses.put(collection, each), () -> witnesses.remove(collection));
    return read.listing();
  }

  @Override
  public Watch watch(String collection, Revision from, Consumer<Event> events) {
    return watch(collection, keys.span(collection), from, events);
  }

  @Override
  public Watch watch(Key key, Revision from, Consumer<Event> events) {
    return watch(key.collection(), keys.span(key), from, events);
  }

  private Watch watch(
      String collection, KeySpace.Span span, Revision from, Consumer<Event> events) {
    long revision = KeySpace.number(from);
    Optional<Witness> witness =
        Optional.ofNullable(witnesses.get(collection))
            .filter(each -> each.seenAt() == revision && span.contains(each.name()));
    Follower follower =
        new Follower(cluster, keys, collection, span, new Position(revision, witness), events);
    followers.add(follower);
    follower.start(() -> followers.remove(follower));
    return follower;
  }

  @Override
  public Entry create(Key key, String value, Lifetime lifetime) {
    Compare absent =
        Compare.newBuilder()
            .setKey(keys.name(key))
            .setTarget(Compare.CompareTarget.VERSION)
            .setResult(Compare.CompareResult.EQUAL)
            .setVersion(0)
            .build();
    String attempted = "create " + key;
    while (true) {
      Put put = put(attempted, key, value, lifetime, absent);
      if (put.done().isPresent()) {
        return put.done().get();
      }
      if (put.present().isPresent()) {
        throw new ConflictException(attempted, put.present().get());
      }
      LOG.debug("{}: what was there is gone by now", attempted);
    }
  }

  @Override
  public Entry replace(Key key, String value, Revision expected, Lifetime lifetime) {
    String attempted = "replace " + key + " at revision " + expected;
    Put put = put(attempted, key, value, lifetime, unchanged(key, expected));
    return put.done()
        .orElseThrow(() ->
            put.present().isPresent()
                ? new ConflictException(attempted, put.present().get())
                : new NotFoundException(attempted, key));
  }

  private Compare unchanged(Key key, Revision expected) {
    return Compare.newBuilder()
        .setKey(keys.name(key))
        .setTarget(Compare.CompareTarget.MOD)
        .setResult(Compare.CompareResult.EQUAL)
        .setModRevision(KeySpace.number(expected))
        .build();
  }

  /**
   * What became of a write.
   *
   * @param done the entry that was written; empty when the comparison failed
   * @param present the entry that was there instead; empty when there was none
   */
  private record Put(Optional<Entry> done, Optional<Entry> present) {}

  private Put put(String attempted, Key key, String value, Lifetime lifetime, Compare condition) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
      throw new IllegalArgumentException("the value of " + key + " has half a surrogate pair");
    }
    Optional<Duration> timeToLive = wholeSeconds(lifetime);
    long lease = timeToLive.map(time -> grant(attempted, time)).orElse(0L);
    RequestOp write =
        RequestOp.newBuilder()
            .setRequestPut(
                PutRequest.newBuilder()
                    .setKey(keys.name(key))
                    .setValue(ByteString.copyFromUtf8(value))
                    .setLease(lease))
            .build();
    TxnResponse answer;
    try {
      answer = transact(attempted, key, condition, write);
    } catch (UnavailableException e) {
      if (isRefused(e)) {
        giveBack(lease);
        throw e;
      }
      return new Put(
          Optional.of(whatHappened(attempted, key, lease, timeToLive, e)), Optional.empty());
    }
    if (answer.getSucceeded()) {
      Revision revision = KeySpace.revision(answer.getHeader().getRevision());
      return new Put(Optional.of(new Entry(key, value, revision, timeToLive)), Optional.empty());
    }
    giveBack(lease);
    return new Put(Optional.empty(), present(key, answer));
  }

  /**
   * Whether a write was certainly not done. Another that is tried every few seconds would leave a
   * lease behind each time.
   */
  private static boolean isRefused(UnavailableException problem) {
    return problem.getCause() instanceof AskException refusal
        && !refusal.trouble().mayHaveHappened();
  }

  private static Optional<Duration> wholeSeconds(Lifetime lifetime) {
    return switch (lifetime) {
      case Lifetime.Permanent _ -> Optional.empty();
      case Lifetime.Ttl ttl ->
          Optional.of(Duration.ofSeconds(ttl.duration().plusNanos(999_999_999).toSeconds()));
    };
  }

  private long grant(String attempted, Duration timeToLive) {
    // Granted twice, one of the two leases is nobody's and runs out.
    return cluster
        .ask(
            attempted,
            LeaseGrpc.getLeaseGrantMethod(),
            LeaseGrantRequest.newBuilder().setTTL(timeToLive.toSeconds()).build(),
            Effect.REPEATABLE)
        .message()
        .getID();
  }

  /** Revokes a lease on which no key hangs; none is 0. */
  private void giveBack(long lease) {
    if (lease == 0) {
      return;
    }
    try {
      cluster.ask(
          "revoke a lease",
          LeaseGrpc.getLeaseRevokeMethod(),
          LeaseRevokeRequest.newBuilder().setID(lease).build(),
          Effect.ONCE);
    } catch (UnavailableException | AskException e) {
      LOG.debug("a lease that is not needed runs out by itself: {}", e.getMessage());
    }
  }

  private TxnResponse transact(String attempted, Key key, Compare condition, RequestOp write) {
    RequestOp look =
        RequestOp.newBuilder()
            .setRequestRange(RangeRequest.newBuilder().setKey(keys.name(key)))
            .build();
    TxnRequest request =
        TxnRequest.newBuilder().addCompare(condition).addSuccess(write).addFailure(look).build();
    return cluster.ask(attempted, KVGrpc.getTxnMethod(), request, Effect.ONCE).message();
  }

  private static Optional<Entry> present(Key key, TxnResponse answer) {
    return answer.getResponses(0).getResponseRange().getKvsList().stream()
        .findFirst()
        .map(each -> KeySpace.entry(key, each));
  }

  /**
   * Looks whether a write was done whose answer did not come. A lease is nobody else's, so a key
   * that hangs on it was written by this write.
   */
  private Entry whatHappened(
      String attempted,
      Key key,
      long lease,
      Optional<Duration> timeToLive,
      UnavailableException problem) {
    if (lease != 0) {
      try {
        Optional<KeyValue> found =
            read(attempted, keys.name(key)).filter(each -> each.getLease() == lease);
        if (found.isPresent()) {
          return KeySpace.entry(key, found.get(), timeToLive);
        }
      } catch (UnavailableException | AskException e) {
        problem.addSuppressed(e);
      }
    }
    throw problem;
  }

  @Override
  public void delete(Key key, Revision expected) {
    String attempted = "delete " + key + " at revision " + expected;
    RequestOp delete =
        RequestOp.newBuilder()
            .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(keys.name(key)))
            .build();
    TxnResponse answer = transact(attempted, key, unchanged(key, expected), delete);
    if (!answer.getSucceeded()) {
      throw present(key, answer)
          .<RuntimeException>map(each -> new ConflictException(attempted, each))
          .orElseGet(() -> new NotFoundException(attempted, key));
    }
  }

  @Override
  public void close() {
    followers.forEach(Follower::close);
    cluster.close();
  }
}
