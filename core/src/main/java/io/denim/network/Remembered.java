package io.denim.network;

import io.denim.ipam.DurableFile;
import io.denim.model.FlannelLease;
import io.denim.model.InvalidConfigException;
import io.denim.model.Json;
import io.denim.model.LeaseRecord;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.state.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * What a node knew of its network when it last wrote it down, so that an agent that starts while
 * the store does not answer goes on from there: pods keep their ways, and new ones are attached.
 *
 * @param at when it was written
 * @param configuration net-conf.json
 * @param own this node's subnets and what it published
 * @param key the name of this node's record, for messages
 * @param peers the other nodes
 */
public record Remembered(
    Instant at, String configuration, LeaseRecord own, String key, List<Peer> peers) {
  /**
   * How old it may be to be gone by: as long as a lease lasts, since after that another node may
   * have the subnet.
   */
  public static final Duration GOOD_FOR = Duration.ofHours(24);

  private static final Logger LOG = LoggerFactory.getLogger(Remembered.class);

  /** Copies the list. */
  public Remembered {
    peers = List.copyOf(peers);
  }

  /** Reads a file; empty when there is none, it is older than {@link #GOOD_FOR}, or damaged. */
  public static Optional<Remembered> read(Path file, Instant now) {
    try {
      return Optional.of(parse(Files.readAllBytes(file))).filter(known -> known.isGood(now));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("{} is of no use and will be written anew: {}", file, e.toString());
      return Optional.empty();
    }
  }

  /** Whether it is neither too old nor, by a clock that was set back, from too far ahead. */
  boolean isGood(Instant now) {
    return Duration.between(at, now).abs().compareTo(GOOD_FOR) <= 0;
  }

  /**
   * Reads what {@link #bytes} has written.
   *
   * @throws IllegalArgumentException when it is no such thing
   */
  static Remembered parse(byte[] json) {
    try {
      Written written = Json.mapper().readValue(json, Written.class);
      if (written == null) {
        throw new IllegalArgumentException("null");
      }
      return written.remembered();
    } catch (JacksonException | DateTimeException | InvalidConfigException e) {
      throw new IllegalArgumentException(String.valueOf(e.getMessage()), e);
    }
  }

  /** It as JSON in UTF-8. */
  byte[] bytes() {
    return Json.mapper().writeValueAsBytes(Written.of(this));
  }

  /** Writes a file; that it cannot be written is told and does no other harm. */
  public void write(Path file) {
    try {
      if (file.getParent() != null) {
        Files.createDirectories(file.getParent());
      }
      DurableFile.replace(
          file,
          bytes(),
          file.resolveSibling("." + file.getFileName() + ".tmp"),
          "rw-------",
          DurableFile.Sync.YES);
    } catch (IOException e) {
      LOG.warn(
          "{} cannot be written, a start without the store will not know the network: {}",
          file,
          e.toString());
    }
  }

  /** The shape in JSON; what is missing in the text is null. */
  private record Written(
      @Nullable String at,
      @Nullable String configuration,
      @Nullable WrittenPeer own,
      @Nullable List<@Nullable WrittenPeer> peers) {
    static Written of(Remembered known) {
      List<@Nullable WrittenPeer> peers = new ArrayList<>(known.peers.size());
      for (Peer peer : known.peers) {
        peers.add(WrittenPeer.of(peer.name(), peer.subnetV4(), peer.subnetV6(), peer.lease()));
      }
      LeaseRecord own = known.own;
      return new Written(
          known.at.toString(),
          known.configuration,
          WrittenPeer.of(known.key, own.v4(), own.v6(), own.lease()),
          peers);
    }

    Remembered remembered() {
      if (at == null || configuration == null || own == null || peers == null) {
        throw new IllegalArgumentException("at, configuration, own or peers is missing");
      }
      Peer self = own.peer();
      List<Peer> others = new ArrayList<>(peers.size());
      for (WrittenPeer peer : peers) {
        if (peer == null) {
          throw new IllegalArgumentException("a peer is null");
        }
        others.add(peer.peer());
      }
      return new Remembered(
          Instant.parse(at),
          configuration,
          new LeaseRecord(self.subnetV4(), self.subnetV6(), self.lease()),
          self.name(),
          others);
    }
  }

  private record WrittenPeer(
      @Nullable String name, @Nullable Cidr v4, @Nullable Cidr v6, @Nullable String lease) {
    static WrittenPeer of(String name, Optional<Cidr> v4, Optional<Cidr> v6, FlannelLease lease) {
      return new WrittenPeer(name, v4.orElse(null), v6.orElse(null), lease.format());
    }

    Peer peer() {
      if (name == null || lease == null) {
        throw new IllegalArgumentException("a node's name or lease is missing");
      }
      if ((v4 != null && v4.family() != Family.IPV4)
          || (v6 != null && v6.family() != Family.IPV6)) {
        throw new IllegalArgumentException("a subnet is of the other family: " + v4 + ", " + v6);
      }
      return new Peer(
          name, Optional.ofNullable(v4), Optional.ofNullable(v6), FlannelLease.parse(lease));
    }
  }
}
