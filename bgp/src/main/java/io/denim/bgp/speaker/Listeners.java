package io.denim.bgp.speaker;

import io.denim.bgp.config.Listener;
import io.denim.bgp.config.PeerConfig;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where a speaker is dialled, and with which passwords. Used by the speaker's thread only. */
final class Listeners {
  private static final Logger LOG = LoggerFactory.getLogger(Speaker.class);

  private final Core core;
  private final Map<Listener, ServerSocketChannel> channels = new HashMap<>();
  private final Map<IpAddress, String> signed = new HashMap<>();

  Listeners(Core core) {
    this.core = core;
  }

  /** IPv4 first, as {@link PlainSockets} needs it. */
  static List<Listener> inOrder(List<Listener> listeners) {
    return listeners.stream()
        .sorted(Comparator.comparing(listener -> listener.address().family()))
        .toList();
  }

  void listen(Listener listener) throws IOException {
    ServerSocketChannel channel = core.sockets.listen(listener);
    channel.register(core.selector, SelectionKey.OP_ACCEPT, channel);
    channels.put(listener, channel);
    signed.forEach((peer, password) -> sign(listener, channel, peer, Optional.of(password)));
  }

  /** On a listener of the peer's family its key must be there before it dials. */
  private void sign(
      Listener listener, ServerSocketChannel channel, IpAddress peer, Optional<String> password) {
    if (listener.address().family() != peer.family()) {
      return;
    }
    try {
      core.sockets.sign(channel, peer, password);
    } catch (IOException e) {
      LOG.error("cannot set the password of peer {}: {}", peer, e.getMessage());
    }
  }

  /** Passwords of all peers: those that are the same are not touched. */
  void changePasswords(List<PeerConfig> peers) {
    Map<IpAddress, String> next = new HashMap<>();
    peers.forEach(
        peer -> peer.password().ifPresent(password -> next.put(peer.address(), password)));
    Set<IpAddress> touched = new HashSet<>(signed.keySet());
    touched.addAll(next.keySet());
    for (IpAddress peer : touched) {
      if (!Objects.equals(signed.get(peer), next.get(peer))) {
        Optional<String> password = Optional.ofNullable(next.get(peer));
        channels.forEach((listener, channel) -> sign(listener, channel, peer, password));
      }
    }
    signed.clear();
    signed.putAll(next);
  }

  /** Listens at these addresses and no others; sessions go on. */
  void change(List<Listener> wanted) {
    for (Listener gone : Set.copyOf(channels.keySet())) {
      if (!wanted.contains(gone)) {
        Closing.quietly(channels.remove(gone));
      }
    }
    for (Listener each : inOrder(wanted)) {
      if (!channels.containsKey(each)) {
        try {
          listen(each);
        } catch (IOException e) {
          LOG.error("cannot listen at {}: {}", each, e.getMessage());
        }
      }
    }
  }

  /** With the ports that the kernel chose for those that were 0. */
  List<InetSocketAddress> addresses() {
    List<InetSocketAddress> addresses = new ArrayList<>();
    for (ServerSocketChannel channel : channels.values()) {
      try {
        addresses.add((InetSocketAddress) channel.getLocalAddress());
      } catch (IOException e) {
        LOG.debug("a listener is closed already", e);
      }
    }
    return addresses;
  }

  void close() {
    channels.values().forEach(Closing::quietly);
  }
}
