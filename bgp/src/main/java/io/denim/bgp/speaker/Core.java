package io.denim.bgp.speaker;

import io.denim.bgp.bfd.Bfd;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.loop.Questions;
import io.denim.bgp.rib.ImportRules;
import io.denim.bgp.rib.Rib;
import io.denim.bgp.wire.Capabilities;
import io.denim.bgp.wire.Negotiated;
import io.denim.bgp.wire.Open;
import io.denim.bgp.wire.UpdateReader;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.nio.channels.Selector;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What all peers of a speaker share. Used by the speaker's thread only. */
final class Core {
  final Rib rib;
  final Sockets sockets;
  final Selector selector;
  final RandomGenerator random;
  final Monitor monitor;
  final Lingering lingering = new Lingering();
  final Refusals refusals = new Refusals();
  final Drain drain = new Drain();
  final UpdateReader reader = new UpdateReader();
  final Convergence convergence = new Convergence();
  final Alike<Open> ours = new Alike<>();
  final Alike<Capabilities> theirs = new Alike<>();
  final Alike<IpAddress> ownAddresses = new Alike<>();
  final Alike<ImportRules> importRules = new Alike<>();
  private final Map<Negotiated, Negotiated> kinds = new HashMap<>();
  private SpeakerConfig config;
  private boolean restarting;
  private final Questions questions;
  private long deferredUntil;
  private @Nullable Bfd bfd;

  Core(
      SpeakerConfig config,
      Rib rib,
      Sockets sockets,
      Selector selector,
      RandomGenerator random,
      Monitor monitor) {
    this.config = config;
    this.rib = rib;
    this.sockets = sockets;
    this.selector = selector;
    this.random = random;
    questions = new Questions(selector::wakeup, "the speaker");
    this.monitor = monitor;
  }

  SpeakerConfig config() {
    return config;
  }

  void config(SpeakerConfig now) {
    config = now;
  }

  /** Whether what forwarded before a restart forwards still, and OPENs say so (RFC 4724). */
  boolean restarting() {
    return restarting;
  }

  void restarting(boolean now) {
    restarting = now;
  }

  /** When whole tables are waited for no longer. */
  long deferredUntil() {
    return deferredUntil;
  }

  void deferredUntil(long now) {
    deferredUntil = now;
  }

  /** BFD, which begins with the first that wants it. */
  Bfd bfd() throws IOException {
    Bfd known = bfd;
    if (known == null) {
      known = Bfd.start(sockets.bfd(random), InstantSource.system(), random);
      bfd = known;
    }
    return known;
  }

  /** What the speaker's thread is to do in its next turn. */
  Questions questions() {
    return questions;
  }

  void close() {
    lingering.closeAll();
    refusals.close();
    if (bfd != null) {
      bfd.close();
    }
  }

  /** The one object for all sessions of a kind, by which their attributes are known. */
  Negotiated kind(Negotiated kind) {
    return kinds.computeIfAbsent(kind, each -> each);
  }
}
