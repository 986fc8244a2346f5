package io.denim.router;

import io.denim.bgp.config.Listener;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.rib.NextHops;
import io.denim.bgp.rib.Rib;
import io.denim.bgp.speaker.Monitors;
import io.denim.bgp.speaker.Rehearsal;
import io.denim.bgp.speaker.Speaker;
import io.denim.router.Answers.Reloaded;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A router that runs as its file says: a speaker with a control socket and metrics around it. It
 * looks at the file twice a second and takes what has changed once nobody writes any more; a file
 * with errors is told in the log, and what was in force stays. All that listens is opened by the
 * thread that starts it or by the router's own, which is in the same network namespace.
 */
public final class Router implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Router.class);
  private static final long LOOK_MILLIS = 500;

  private final WatchedFile file;
  private final InstantSource clock;
  private final Speaker speaker;
  private final Monitors monitors;
  private final Stations stations;
  private final ReloadCounts reloads = new ReloadCounts();
  private final RouterMetrics.Lazy page;
  private final BlockingQueue<FutureTask<Reloaded>> asked = new LinkedBlockingQueue<>();
  private final CountDownLatch end = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "router");
  private volatile RouterConfig config;
  private @Nullable ControlServer control;
  private @Nullable MetricsServer metrics;
  private volatile boolean closed;
  private volatile boolean broken;

  private Router(
      WatchedFile file,
      RouterConfig config,
      Speaker speaker,
      Monitors monitors,
      InstantSource clock) {
    this.file = file;
    this.config = config;
    this.speaker = speaker;
    this.monitors = monitors;
    stations = new Stations(monitors, speaker, config.speaker().routerId().toString());
    this.clock = clock;
    page = new RouterMetrics.Lazy(() -> new RouterMetrics(this, reloads));
  }

  /**
   * Starts a router.
   *
   * @param path its file
   * @param restarted whether an earlier run's forwarding state is in place, which peers are told
   *     (RFC 4724)
   * @throws RouterConfigException with all that is wrong in the file
   * @throws UncheckedIOException when the file cannot be read
   * @throws RouterException when something that it is to listen at is taken
   */
  public static Router start(
      Path path, boolean restarted, InstantSource clock, RandomGenerator random) {
    WatchedFile file = new WatchedFile(path);
    RouterConfig config = RouterYaml.read(path);
    Monitors monitors = new Monitors();
    Speaker speaker = speaker(config, restarted, random, monitors);
    Router router = new Router(file, config, speaker, monitors, clock);
    try {
      router.openDoors(config);
    } catch (RouterException e) {
      router.close();
      throw e;
    }
    router.thread.setDaemon(true);
    router.thread.start();
    router.tellWhatListens();
    return router;
  }

  /**
   * Has what a router does compiled before the first one of a process is asked for it: {@link
   * Rehearsal}.
   *
   * @return false when it took too long, and was ended
   * @throws IOException when there is no loopback interface to rehearse at
   */
  public static boolean rehearse() throws IOException {
    return Rehearsal.run(new KernelSockets(Rehearsal.AS)) == Rehearsal.SESSIONS;
  }

  /**
   * Reads a file without starting anything.
   *
   * @throws RouterConfigException with all that is wrong in the file
   * @throws UncheckedIOException when the file cannot be read
   */
  public static void check(Path path) {
    var _ = RouterYaml.read(path);
  }

  private static Speaker speaker(
      RouterConfig config, boolean restarted, RandomGenerator random, Monitors monitors) {
    SpeakerConfig told =
        restarted
            ? config.speaker().afterRestart(config.speaker().selectionDeferral())
            : config.speaker();
    try {
      return Speaker.start(
          told,
          new Speaker.World(
              new KernelSockets(told.as()),
              NextHops.ALL_EQUAL,
              Rib.Listener.NOBODY,
              random,
              monitors));
    } catch (IOException e) {
      String where =
          told.listeners().stream().map(Listener::toString).collect(Collectors.joining(", "));
      throw new RouterException(
          "cannot listen at " + where + " (\"listen\" of the file): " + e.getMessage(), e);
    }
  }

  private void tellWhatListens() {
    LOG.info(
        "the router runs: bgp={} control={} metrics={} bmp={} peers={} ranges={}",
        speaker.addresses().stream().map(Router::word).sorted().toList(),
        config.control().map(Path::toString).orElse("none"),
        config.metrics().map(HostPort::toString).orElse("none"),
        config.bmp(),
        config.speaker().peers().size(),
        config.speaker().ranges().size());
  }

  private static String word(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }

  Speaker speaker() {
    return speaker;
  }

  /** Those who see what its sessions say. */
  Monitors monitors() {
    return monitors;
  }

  /** What is in force. */
  RouterConfig config() {
    return config;
  }

  PeerWords words() {
    return new PeerWords(config.speaker(), clock);
  }

  InstantSource clock() {
    return clock;
  }

  /**
   * Waits until it is closed.
   *
   * @throws RouterException when it has ended by an error
   */
  public void awaitEnd() {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (broken) {
      throw new RouterException("the router ended by an error of Denim's; its log says which");
    }
  }

  /** Whether it has ended by an error. */
  public boolean isBroken() {
    return broken;
  }

  /**
   * Reads the file now.
   *
   * @throws RouterException with all that is wrong with it; what was in force stays
   */
  public Reloaded reload() {
    FutureTask<Reloaded> task = new FutureTask<>(this::readAgain);
    asked.add(task);
    if (closed) {
      task.cancel(false);
    }
    try {
      return task.get();
    } catch (CancellationException e) {
      throw new RouterException("the router ends", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RouterException("interrupted while the file was read", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** The thread. */
  private void run() {
    while (!closed) {
      try {
        FutureTask<Reloaded> task = asked.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        if (!speaker.isAlive()) {
          broken = true;
          end.countDown();
          return;
        }
        if (task != null) {
          file.look();
          task.run();
        } else if (file.hasChanged()) {
          readAgain();
        }
      } catch (InterruptedException e) {
        return;
      } catch (RouterException e) {
        // It is in the log.
        LOG.debug("the file was not taken", e);
      } catch (RuntimeException e) {
        LOG.error("the file was not taken by an error of Denim's", e);
      }
    }
  }

  private Reloaded readAgain() {
    RouterConfig next;
    try {
      next = RouterYaml.read(file.path());
    } catch (RouterConfigException e) {
      reloads.failed();
      LOG.error(
          "file={} has problems={}; what was in force stays", file.path(), e.problems().size());
      e.problems().forEach(problem -> LOG.error("{}: {}", file.path(), problem));
      throw new RouterException(e.getMessage() + "\nwhat was in force stays", e);
    } catch (UncheckedIOException e) {
      reloads.failed();
      LOG.error("{}; what was in force stays", e.getMessage());
      throw new RouterException(e.getMessage() + "; what was in force stays", e);
    }
    checkSameRouter(next);
    boolean changed = !next.equals(config);
    // Also what is the same: what could not be done then may be possible now.
    speaker.apply(next.speaker());
    config = next;
    try {
      openDoors(next);
      checkListens();
    } catch (RouterException e) {
      reloads.failed();
      LOG.error("{}; the rest of the file is in force", e.getMessage());
      throw new RouterException(e.getMessage() + "; the rest of the file is in force", e);
    }
    reloads.taken();
    if (!changed) {
      return new Reloaded(file.path().toString(), "nothing has changed");
    }
    LOG.info("file={} is in force", file.path());
    tellWhatListens();
    return new Reloaded(file.path().toString(), "in force");
  }

  private void checkListens() {
    List<Listener> closed = speaker.closedListeners();
    if (!closed.isEmpty()) {
      throw new RouterException(
          "cannot listen at "
              + closed.stream().map(Listener::toString).collect(Collectors.joining(", "))
              + " (\"listen\" of the file; the log says why)");
    }
  }

  private void checkSameRouter(RouterConfig next) {
    SpeakerConfig now = config.speaker();
    if (next.speaker().as() != now.as() || !next.speaker().routerId().equals(now.routerId())) {
      reloads.failed();
      String message =
          file.path()
              + ": \"as\" and \"router-id\" are those of AS "
              + now.as()
              + " and "
              + now.routerId()
              + " as long as it runs; start it anew to change them; what was in force stays";
      LOG.error("{}", message);
      throw new RouterException(message);
    }
  }

  /** Opens, moves or closes the control socket and the metrics' port, and tells the stations. */
  private void openDoors(RouterConfig wanted) {
    stations.change(wanted.bmp());
    ControlServer before = control;
    if (!wanted.control().equals(Optional.ofNullable(before).map(ControlServer::socket))) {
      control =
          wanted
              .control()
              .map(socket -> ControlServer.open(socket, new Control(this)::answer))
              .orElse(null);
      closeAll(before, null);
    }
    MetricsServer old = metrics;
    if (!wanted.metrics().equals(Optional.ofNullable(old).map(MetricsServer::address))) {
      metrics = wanted.metrics().map(at -> MetricsServer.open(at, page)).orElse(null);
      closeAll(null, old);
    }
  }

  private static void closeAll(@Nullable ControlServer control, @Nullable MetricsServer metrics) {
    if (control != null) {
      control.close();
    }
    if (metrics != null) {
      metrics.close();
    }
  }

  /** Where it listens for peers. */
  public List<InetSocketAddress> addresses() {
    return speaker.addresses();
  }

  /**
   * Ends without a word: peers that agreed to keep its routes until it is back (RFC 4724), others
   * when they notice.
   */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    closeAll(control, metrics);
    stations.close();
    speaker.close();
    asked.forEach(task -> task.cancel(false));
    end.countDown();
  }
}
