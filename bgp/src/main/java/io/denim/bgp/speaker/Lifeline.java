package io.denim.bgp.speaker;

import io.denim.bgp.bfd.BfdConfig;
import io.denim.bgp.bfd.BfdListener;
import io.denim.bgp.bfd.BfdSession;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.Ttl;
import io.denim.bgp.wire.Notification;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * BFD beside a session (RFC 5882 4): when the way is dead, the session ends at once and takes its
 * routes along, instead of after the hold time. Used by the speaker's thread only; what BFD tells
 * comes back to it.
 */
final class Lifeline implements BfdListener {
  private static final Logger LOG = LoggerFactory.getLogger(Lifeline.class);

  /** RFC 9384. */
  private static final int BFD_DOWN = 10;

  private final Core core;
  private final Session session;
  private final Peer peer;
  private final BfdSession watch;

  private Lifeline(Core core, Session session, Peer peer, BfdConfig config) throws IOException {
    this.core = core;
    this.session = session;
    this.peer = peer;
    watch = core.bfd().open(config, this);
  }

  /** Begins to watch, if the peer's configuration asks for it. */
  static Optional<Lifeline> begin(Core core, Session session, Peer peer, Agreement agreement) {
    PeerConfig config = peer.config();
    if (!config.bfd()) {
      return Optional.empty();
    }
    boolean near =
        config.device().isPresent()
            || (agreement.negotiated().external() && !(config.ttl() instanceof Ttl.Multihop));
    IpAddress own = agreement.ownAddress();
    BfdConfig way =
        config
            .device()
            .map(device -> BfdConfig.of(own, config.address(), device))
            .orElseGet(() -> BfdConfig.of(own, config.address()));
    try {
      return Optional.of(new Lifeline(core, session, peer, near ? way : way.overSeveralHops()));
    } catch (IOException | RuntimeException e) {
      LOG.warn("peer {} goes without BFD: {}", config.name(), e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public void up(BfdSession up) {
    LOG.info("peer {}: BFD is up", peer.config().name());
  }

  @Override
  public void down(BfdSession down, Loss loss) {
    if (!loss.administrative()) {
      core.questions()
          .later(() ->
              peer.wayIsDead(
                  session, session.agreement().forGood(Notification.of(6, BFD_DOWN)), loss));
    }
  }

  void end() {
    watch.close();
  }
}
