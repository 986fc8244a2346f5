package io.denim.bgp.speaker;

import io.denim.bgp.config.Listener;
import io.denim.bgp.config.PeerAddress;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
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
  private final Map<Cidr, String> signed = new HashMap<>();

  /** Whose password a listener does not ask for, since the kernel would not have it. */
  private final Map<Listener, Set<Cidr>> unsigned = new HashMap<>();

  Listeners(Core core) {
    this.core = core;
  }

  /** IPv4 first: where IPv6 listens at all addresses, IPv4 seems to be taken. */
  static List<Listener> inOrder(List<Listener> listeners) {
    return listeners.stream()
        .sorted(Comparator.comparing(listener -> listener.address().family()))
        .toList();
  }

  void listen(Listener listener) throws IOException {
    ServerSocketChannel channel = core.sockets.listen(listener);
    channel.register(core.selector, SelectionKey.OP_ACCEPT, channel);
    channels.put(listener, channel);
    signed.forEach((peers, password) -> sign(listener, channel, peers, Optional.of(password)));
  }

  /**
   * On a listener that the peers may reach their key must be there before they dial. One at all
   * addresses of IPv6 is reached by IPv4 as well, and would take who has signed nothing.
   */
  private void sign(
      Listener listener, ServerSocketChannel channel, Cidr peers, Optional<String> password) {
    boolean everywhere = listener.address().equals(IpAddress.ANY_V6);
    if (listener.address().family() != peers.family() && !everywhere) {
      return;
    }
    try {
      core.sockets.sign(channel, peers, password);
    } catch (IOException e) {
      LOG.error("cannot set the password of peers={}: {}", peers, e.getMessage());
      if (password.isPresent()) {
        unsigned.computeIfAbsent(listener, _ -> new HashSet<>()).add(peers);
      }
    }
  }

  /** Whether somebody at this address should have signed, and need not have. */
  boolean mayBeUnsigned(IpAddress peer) {
    return key(peer)
        .filter(key -> unsigned.values().stream().anyMatch(peers -> peers.contains(key)))
        .isPresent();
  }

  /** The key that counts for an address: that of the longest prefix. */
  private Optional<Cidr> key(IpAddress peer) {
    return signed.keySet().stream()
        .filter(peers -> peers.contains(peer))
        .max(Comparator.comparingInt(Cidr::length));
  }

  /** Who has dialled before the keys were there, and has one, has not signed. */
  void takeEarly(Roster roster) throws IOException {
    for (ServerSocketChannel listener : channels.values()) {
      SocketChannel channel = listener.accept();
      while (channel != null) {
        long now = System.nanoTime();
        PeerAddress from = Roster.remote(channel);
        if (key(from.address()).isPresent()) {
          core.refusals.refuse(channel, from, now);
        } else {
          roster.accept(channel, now);
        }
        channel = listener.accept();
      }
    }
  }

  /**
   * Passwords of all peers and ranges: those that are the same are not touched, but for those that
   * the kernel would not have, and may have now.
   */
  void changePasswords(SpeakerConfig config) {
    Map<Cidr, String> next = new HashMap<>();
    config
        .ranges()
        .forEach(range ->
            range.template().password().ifPresent(password -> next.put(range.range(), password)));
    config
        .peers()
        .forEach(peer ->
            peer.password().ifPresent(password -> next.put(Cidr.host(peer.address()), password)));
    warn(config, next);
    Set<Cidr> touched = new HashSet<>(signed.keySet());
    touched.addAll(next.keySet());
    for (Cidr peers : touched) {
      boolean again = unsigned.values().stream().anyMatch(each -> each.contains(peers));
      if (again || !Objects.equals(signed.get(peers), next.get(peers))) {
        unsigned.values().forEach(each -> each.remove(peers));
        Optional<String> password = Optional.ofNullable(next.get(peers));
        channels.forEach((listener, channel) -> sign(listener, channel, peers, password));
      }
    }
    signed.clear();
    signed.putAll(next);
  }

  /** The kernel asks all of a range for its password: there is no key that says none. */
  private static void warn(SpeakerConfig config, Map<Cidr, String> passwords) {
    for (PeerConfig peer : config.peers()) {
      if (peer.password().isEmpty()
          && passwords.keySet().stream().anyMatch(range -> range.contains(peer.address()))) {
        LOG.warn(
            "peer {} has no password, but is in a range that has: it is not heard when it dials",
            peer.name());
      }
    }
  }

  /** Listens at these addresses and no others; sessions go on. */
  void change(List<Listener> wanted) {
    for (Listener gone : Set.copyOf(channels.keySet())) {
      if (!wanted.contains(gone)) {
        Closing.quietly(channels.remove(gone));
        unsigned.remove(gone);
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

  /** Those that could not be opened. */
  List<Listener> closed() {
    return core.config().listeners().stream().filter(each -> !channels.containsKey(each)).toList();
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
