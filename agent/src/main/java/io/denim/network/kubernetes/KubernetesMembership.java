package io.denim.network.kubernetes;

import static java.util.Comparator.comparing;

import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.model.SubnetEnv;
import io.denim.model.SubnetOrigin;
import io.denim.network.Membership;
import io.denim.network.NotYetException;
import io.denim.store.GrowingPause;
import io.denim.store.StoreHealth;
import io.denim.store.UnavailableException;
import io.denim.store.kubernetes.KubernetesApi;
import io.denim.store.kubernetes.ObjectList;
import io.denim.store.kubernetes.ObjectWatch;
import io.denim.store.kubernetes.WatchEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A network whose nodes are Nodes of Kubernetes: subnets are their podCIDRs, and what they publish
 * are their annotations.
 */
public final class KubernetesMembership implements Membership {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);
  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  /** Those that have none yet are heard of when they get one; asking again is to be sure. */
  private static final Duration SELDOM = Duration.ofMinutes(5);

  /** Of so many nodes the subnets are asked for one by one; of more by a list of all. */
  private static final int ONE_BY_ONE = 32;

  private final KubernetesOptions options;
  private final NodeRequests requests;
  private final InstantSource clock;
  private final StoreHealth health;
  private final RandomGenerator random;
  private final NetConfFile netConf;
  private final OwnNode own;
  private final NodeBook book;
  private final GrowingPause untilAskedAgain = new GrowingPause(LOOK, SELDOM);

  /** Nodes for which the server had no answer; they come last, so that nobody waits for them. */
  private final Set<String> unanswered = new HashSet<>();

  private Runnable changed = () -> {};
  private @Nullable ObjectWatch<NodeObject> watch;
  private @Nullable View view;
  private String interrupted = "";
  private String asking = "";
  private Optional<String> incomplete = Optional.empty();
  private @Nullable FlannelConfig joinedBy;
  private @Nullable Thread keeper;
  private long asked;
  private Instant askAgain = Instant.MIN;
  private boolean expired;
  private boolean readyWanted;
  private Optional<String> readySaidTo = Optional.empty();
  private boolean following;
  private boolean closed;

  KubernetesMembership(
      KubernetesOptions options, KubernetesApi api, InstantSource clock, RandomGenerator random) {
    this.options = options;
    this.clock = clock;
    this.random = random;
    NodeAnnotations annotations = new NodeAnnotations(options.annotationPrefix());
    this.own = new OwnNode(options.node(), annotations);
    this.book = new NodeBook(annotations, clock);
    this.health = new StoreHealth(options.node(), clock);
    this.requests = new NodeRequests(api, annotations, health);
    this.netConf = new NetConfFile(options.netConfigPath(), this::changed);
  }

  /** A membership that follows nothing yet and asks nothing. */
  public static KubernetesMembership open(
      KubernetesOptions options, InstantSource clock, RandomGenerator random) {
    return new KubernetesMembership(options, KubernetesApi.of(options.access()), clock, random);
  }

  @Override
  public SubnetOrigin origin() {
    return SubnetOrigin.POD_CIDR;
  }

  @Override
  public void follow(Runnable onChange) {
    synchronized (this) {
      changed = onChange;
    }
    netConf.follow();
    readAnew(ObjectList.Form.WHOLE);
    synchronized (this) {
      if (!following && !closed) {
        following = true;
        keeper = Thread.ofVirtual().name("membership-" + own.name()).start(this::keep);
      }
    }
    changed();
  }

  /** Lists all nodes and hears them from that instant. */
  private void readAnew(ObjectList.Form form) {
    synchronized (this) {
      closeWatch();
    }
    Map<String, NodeObject> nodes = new HashMap<>();
    String revision = requests.list(form, node -> nodes.put(node.name(), node));
    synchronized (this) {
      if (closed) {
        return;
      }
      expired = false;
      interrupted = "";
      own.listed(Optional.ofNullable(nodes.remove(own.name())));
      book.listed(nodes.keySet());
      nodes
          .values()
          .forEach(node -> {
            var _ = book.put(node);
          });
      view = null;
      watch = requests.watch(revision, random, this::take);
      notifyAll();
    }
  }

  private void closeWatch() {
    if (watch != null) {
      watch.close();
      watch = null;
    }
  }

  private void take(WatchEvent<NodeObject> event) {
    boolean news;
    synchronized (this) {
      if (closed) {
        return;
      }
      news =
          switch (event) {
            case WatchEvent.Put<NodeObject>(NodeObject node) when isOwn(node) ->
                own.put(node) || !own.joined();
            case WatchEvent.Put<NodeObject>(NodeObject node) -> book.put(node);
            case WatchEvent.Deleted<NodeObject>(NodeObject node) when isOwn(node) -> {
              own.gone();
              yield true;
            }
            case WatchEvent.Deleted<NodeObject>(NodeObject node) -> book.gone(node.name());
            case WatchEvent.Heard<NodeObject> _ -> interrupted("");
            case WatchEvent.Interrupted<NodeObject>(String reason) -> interrupted(reason);
            case WatchEvent.Expired<NodeObject>(String reason) -> {
              LOG.info("the watch of nodes is begun anew: {}", reason);
              expired = true;
              yield false;
            }
          };
      if (isWork()) {
        notifyAll();
      }
    }
    if (news) {
      changed();
    }
  }

  private boolean isOwn(NodeObject node) {
    return node.name().equals(own.name());
  }

  private boolean interrupted(String reason) {
    boolean news = !reason.equals(interrupted);
    interrupted = reason;
    return news;
  }

  private void changed() {
    Runnable call;
    synchronized (this) {
      view = null;
      call = changed;
    }
    call.run();
  }

  /** The thread that asks what has to be asked. */
  private void keep() {
    GrowingPause pause = new GrowingPause(FIRST_PAUSE, LONGEST_PAUSE);
    try {
      while (awaitWork()) {
        try {
          work();
          pause.reset();
          asking("");
        } catch (UnavailableException | NotYetException e) {
          asking(String.valueOf(e.getMessage()));
          Thread.sleep(pause.next(random));
        } catch (RuntimeException e) {
          LOG.error("node={} what is known of nodes may be out of date", own.name(), e);
          asking("an error of Denim's, which the log has: " + e);
          Thread.sleep(pause.next(random));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** False when it is closed. */
  private synchronized boolean awaitWork() throws InterruptedException {
    while (!closed && !isWork()) {
      if (book.hasVanished() || !book.waiting().isEmpty()) {
        wait(LOOK.toMillis());
        return !closed;
      }
      wait();
    }
    return !closed;
  }

  private boolean isWork() {
    return expired || book.asks() != asked || readyDue();
  }

  private boolean readyDue() {
    return readyWanted && own.uid().isPresent() && !own.uid().equals(readySaidTo);
  }

  private void work() {
    boolean anew;
    boolean gone;
    synchronized (this) {
      anew = expired;
      gone = !anew && interrupted.isEmpty() && book.settleVanished();
    }
    if (anew) {
      readAnew(ObjectList.Form.METADATA);
    }
    if (anew || gone) {
      changed();
    }
    sayReady();
    askForSubnets();
  }

  private void askForSubnets() {
    Set<String> names;
    long asks;
    synchronized (this) {
      asks = book.asks();
      if (book.waiting().isEmpty()) {
        untilAskedAgain.reset();
        askAgain = Instant.MIN;
      } else if (!clock.instant().isBefore(askAgain)) {
        askAgain = clock.instant().plus(untilAskedAgain.next(random));
        book.askAnew();
      }
      names = book.unasked();
    }
    boolean news = false;
    try {
      if (names.size() > ONE_BY_ONE) {
        for (NodeObject node : whole(names)) {
          news |= subnets(node);
        }
      } else {
        unanswered.retainAll(names);
        for (String name : names.stream().sorted(comparing(unanswered::contains)).toList()) {
          unanswered.add(name);
          news |= requests.get(name).map(this::subnets).orElse(false);
          unanswered.remove(name);
        }
      }
    } finally {
      if (news) {
        changed();
      }
    }
    synchronized (this) {
      asked = asks;
    }
  }

  private List<NodeObject> whole(Set<String> names) {
    List<NodeObject> nodes = new ArrayList<>();
    var _ =
        requests.list(
            ObjectList.Form.WHOLE,
            node -> {
              if (names.contains(node.name())) {
                nodes.add(node);
              }
            });
    return nodes;
  }

  private synchronized boolean subnets(NodeObject node) {
    return book.cidrs(node.name(), node.uid(), node.podCidrs().orElse(PodCidrs.NONE));
  }

  private void sayReady() {
    Optional<String> uid;
    synchronized (this) {
      if (!readyDue()) {
        return;
      }
      uid = own.uid();
    }
    var _ = requests.patchStatus(own.name(), OwnNode.readyPatch(clock.instant()));
    synchronized (this) {
      readySaidTo = uid;
    }
    LOG.info("node={} condition=NetworkUnavailable status=False", own.name());
  }

  private void asking(String trouble) {
    boolean news;
    synchronized (this) {
      news = !trouble.equals(asking);
      asking = trouble;
    }
    if (news) {
      changed();
    }
  }

  @Override
  public synchronized View view() {
    if (!following) {
      return View.NOTHING;
    }
    if (view == null) {
      List<String> problems = new ArrayList<>(own.problems());
      netConf.problem().ifPresent(problems::add);
      book.problem().ifPresent(problems::add);
      for (String trouble : List.of(interrupted, asking)) {
        if (!trouble.isEmpty()) {
          problems.add("the API server cannot be asked, what runs goes on: " + trouble);
        }
      }
      incomplete.ifPresent(problems::add);
      view =
          new View(
              netConf.text(),
              book.peers(),
              own.addresses(),
              own.lost(),
              book.unreadable(),
              problems.stream().distinct().toList());
    }
    return view;
  }

  @Override
  public synchronized Optional<FlannelLease> published() {
    return own.published();
  }

  @Override
  public Held join(FlannelConfig config, FlannelLease lease, Optional<SubnetEnv> previous) {
    synchronized (this) {
      joinedBy = config;
    }
    return held(config, lease);
  }

  /** Whatever the subnets were: a node that was registered anew may have got others. */
  @Override
  public Held publish(FlannelLease lease) {
    FlannelConfig config;
    synchronized (this) {
      if (joinedBy == null) {
        throw new IllegalStateException("node " + own.name() + " has not joined");
      }
      config = joinedBy;
    }
    return held(config, lease);
  }

  private Held held(FlannelConfig config, FlannelLease lease) {
    NodeObject node = requests.get(own.name()).orElseThrow(() -> NodeRequests.unknown(own.name()));
    Entitlement entitlement =
        Entitlement.of(own.name(), config, node.podCidrs().orElse(PodCidrs.NONE), lease);
    Map<String, Optional<String>> changes = own.changes(node, lease);
    NodeObject written =
        changes.isEmpty() ? node : requests.patchStatus(own.name(), OwnNode.patch(changes));
    synchronized (this) {
      own.want(lease);
      var _ = own.put(written);
      incomplete = entitlement.problem();
    }
    changed();
    return new Held(
        entitlement.record(),
        "nodes/" + own.name(),
        "podCIDR of the node " + own.name(),
        Optional.empty());
  }

  @Override
  public synchronized void announceReady() {
    readyWanted = options.setNodeNetworkUnavailable();
    notifyAll();
  }

  @Override
  public StoreHealth health() {
    return health;
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      closeWatch();
      if (keeper != null) {
        keeper.interrupt();
      }
    }
    netConf.close();
    requests.close();
  }
}
