package io.denim.install;

import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Installs Denim for container runtimes and keeps it installed, until it is closed; then all stays
 * as it is. Whatever fails is told as a problem and tried again within a minute.
 */
public final class ConflistKeeper implements AutoCloseable {
  /** The resource that holds the plugin's binary, where a build has one. */
  public static final String SHIM = "/io/denim/install/denim-cni";

  private static final Logger LOG = LoggerFactory.getLogger(ConflistKeeper.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** kubeasz's file, which makes a node ready before it has a network. */
  private static final String BOOTSTRAP = "10-default.conf";

  /** What containerd makes of its conf_template when it finds no file, and kubeasz's is no list. */
  private static final String GENERATED = "10-containerd-net.conflist";

  /**
   * How often and how soon.
   *
   * @param look time between looks without any hint
   * @param settle time that a runtime may need to end an attachment that it had begun by a file
   *     that is gone
   * @param first the pause before a second restoration
   * @param longest the longest pause before a restoration
   * @param calm after how long without a restoration the next one is at once
   */
  record Pace(Duration look, Duration settle, Duration first, Duration longest, Duration calm) {
    static final Pace REAL =
        new Pace(
            Duration.ofMinutes(1),
            Duration.ofSeconds(5),
            Duration.ofMillis(100),
            Duration.ofMinutes(1),
            Duration.ofMinutes(10));
  }

  private final Optional<ConfFolder> folder;
  private final Optional<ShimBinaries> binaries;
  private final BootstrapBridge bridge;
  private final InstantSource clock;
  private final Pace pace;
  private final Restraint restraint;
  private final CountDownLatch closed = new CountDownLatch(1);
  private Optional<Watcher> watcher = Optional.empty();
  private Optional<Thread> thread = Optional.empty();
  private Instant bridgeFrom = Instant.MIN;
  private volatile List<String> problems = List.of();

  private ConflistKeeper(
      CniFolders folders,
      Supplier<byte[]> shim,
      Namespace namespace,
      List<Cidr> pods,
      InstantSource clock,
      Pace pace) {
    this.folder = folders.conf().map(ConfFolder::new);
    this.binaries = folders.bin().map(path -> new ShimBinaries(path, shim.get()));
    this.bridge = new BootstrapBridge(namespace, pods, folders.networks());
    this.clock = clock;
    this.pace = pace;
    this.restraint = new Restraint(pace.first(), pace.longest(), pace.calm());
  }

  /**
   * Installs what the folders say, and returns when that is done or has become a problem; then
   * keeps it.
   *
   * @param folders where; without any nothing is done at all
   * @param shim the plugin's binary; asked once, and only if there is a folder for it
   * @param namespace the node's network
   * @param pods the pod networks, by which leftovers are known
   */
  public static ConflistKeeper start(
      CniFolders folders,
      Supplier<byte[]> shim,
      Namespace namespace,
      List<Cidr> pods,
      InstantSource clock) {
    return start(folders, shim, namespace, pods, clock, Pace.REAL);
  }

  static ConflistKeeper start(
      CniFolders folders,
      Supplier<byte[]> shim,
      Namespace namespace,
      List<Cidr> pods,
      InstantSource clock,
      Pace pace) {
    var keeper = new ConflistKeeper(folders, shim, namespace, pods, clock, pace);
    if (keeper.folder.isPresent() || keeper.binaries.isPresent()) {
      Duration next = keeper.look();
      Thread loop = Thread.ofPlatform().name("cni-conf").daemon().unstarted(() -> keeper.run(next));
      keeper.thread = Optional.of(loop);
      loop.start();
    }
    return keeper;
  }

  /** What keeps pods from Denim, in words for a person. */
  public List<String> problems() {
    return problems;
  }

  private void run(Duration firstWait) {
    Duration wait = firstWait;
    while (await(wait)) {
      wait = look();
    }
  }

  /** Waits for a change of the folder, or so long; false when this is closed. */
  private boolean await(Duration wait) {
    if (watcher.isPresent()) {
      return watcher.get().await(wait) && closed.getCount() > 0;
    }
    try {
      return !closed.await(wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Puts right what is not; returns when to look again although nothing has changed. */
  private Duration look() {
    List<String> found = new ArrayList<>();
    Duration next = pace.look();
    try {
      binaries.ifPresent(all -> found.addAll(all.install()));
      if (folder.isPresent()) {
        next = look(folder.get(), found);
      }
    } catch (IOException e) {
      found.add(
          "cannot keep "
              + Conflist.FILE
              + " in "
              + folder.get().path()
              + ": "
              + PlacedFile.reason(e));
    } catch (RuntimeException e) {
      // Where this thread ended, nobody would notice until pods fail.
      LOG.error("the installation for container runtimes failed, tried again soon", e);
      found.add("the installation for container runtimes failed: " + e);
    }
    found.stream()
        .filter(each -> !problems.contains(each))
        .forEach(each -> LOG.warn("cni: {}", each));
    problems = List.copyOf(found);
    return next;
  }

  private Duration look(ConfFolder conf, List<String> found) throws IOException {
    conf.make();
    // First listen, then look: nothing falls between.
    follow(conf, found);
    Instant now = clock.instant();
    Duration pause = restore(conf, now, found);
    if (restraint.isDisturbed(now)) {
      found.add(
          conf.path().resolve(Conflist.FILE)
              + " is changed or deleted again and again by somebody else; Denim restores it, now"
              + " after up to "
              + pace.longest().toSeconds()
              + " s. Find out who does it: only \"denim uninstall\" removes it for good");
    }
    SequencedMap<String, ConfFile> files = judge(conf);
    if (files.containsKey(Conflist.FILE)) {
      removeLeftovers(conf, files, now);
    }
    found.addAll(Rivals.problems(conf.path(), files));
    Duration settling = Duration.between(now, bridgeFrom);
    if (settling.isPositive()) {
      return shorter(shorter(pause, settling), pace.look());
    }
    // A configuration of somebody's own for a network of that name: the bridge is his, then.
    if (files.values().stream().noneMatch(ConflistKeeper::isCalledAsBootstrap)) {
      bridge.clear().ifPresent(found::add);
    }
    return shorter(pause, pace.look());
  }

  private static boolean isCalledAsBootstrap(ConfFile file) {
    return file instanceof ConfFile.Usable(String network, _)
        && network.equals(ConfFile.BOOTSTRAP_NETWORK);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private void follow(ConfFolder conf, List<String> found) throws IOException {
    if (watcher.isEmpty()) {
      try {
        watcher = Optional.of(Watcher.open(conf.path()));
      } catch (IOException e) {
        found.add(
            "cannot watch "
                + conf.path()
                + ", so it is only looked at every "
                + pace.look().toSeconds()
                + " s: "
                + PlacedFile.reason(e)
                + " (sysctl fs.inotify.max_user_instances)");
        return;
      }
    }
    watcher.get().follow(conf.path());
  }

  /** Writes the conflist where it is not as it should be; returns how long to wait with that. */
  private Duration restore(ConfFolder conf, Instant now, List<String> found) throws IOException {
    if (conf.holds(Conflist.FILE, Conflist.content())) {
      return pace.look();
    }
    if (binaries.filter(all -> !all.isThere()).isPresent()) {
      found.add(
          conf.path().resolve(Conflist.FILE)
              + " is not written as long as its plugin cannot be installed: it would make every"
              + " new pod fail");
      return pace.look();
    }
    Duration pause = restraint.pause(now);
    if (pause.isPositive()) {
      return pause;
    }
    conf.put(Conflist.FILE, Conflist.content());
    restraint.restored(now);
    LOG.info("cni configuration written file={}", conf.path().resolve(Conflist.FILE));
    return pace.look();
  }

  private static SequencedMap<String, ConfFile> judge(ConfFolder conf) throws IOException {
    SequencedMap<String, ConfFile> files = new LinkedHashMap<>();
    for (String name : conf.files()) {
      try {
        files.put(name, ConfFile.judge(name, conf.read(name)));
      } catch (NoSuchFileException e) {
        // Deleted meanwhile, or a link to nothing, which runtimes cannot read either.
      } catch (IOException e) {
        files.put(name, new ConfFile.Unusable("cannot be read: " + PlacedFile.reason(e)));
      }
    }
    return files;
  }

  /**
   * What kubeasz and containerd put there for a node without a network, after Denim's own is there:
   * without any, containerd would make a file of its template again.
   */
  private void removeLeftovers(ConfFolder conf, SequencedMap<String, ConfFile> files, Instant now)
      throws IOException {
    if (files.containsKey(BOOTSTRAP)
        && ConfFile.isBootstrap(conf.read(BOOTSTRAP))
        && conf.delete(BOOTSTRAP)) {
      files.remove(BOOTSTRAP);
      bridgeFrom = now.plus(pace.settle());
      LOG.info("kubeasz's bootstrap removed file={}", conf.path().resolve(BOOTSTRAP));
    }
    if (files.get(GENERATED) instanceof ConfFile.Unusable(String reason)
        && conf.delete(GENERATED)) {
      files.remove(GENERATED);
      LOG.info(
          "containerd's template removed file={} reason=\"{}\"",
          conf.path().resolve(GENERATED),
          reason);
    }
  }

  /** Ends the keeping. What is installed stays: pods are started also while the agent is not. */
  @Override
  public void close() {
    closed.countDown();
    try {
      if (watcher.isPresent()) {
        watcher.get().close();
      }
      if (thread.isPresent()) {
        thread.get().join(PATIENCE);
      }
    } catch (IOException e) {
      LOG.warn("cni: cannot end the watch: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    bridge.close();
  }
}
