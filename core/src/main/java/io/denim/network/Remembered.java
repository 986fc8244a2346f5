package io.denim.network;

import io.denim.ipam.DurableFile;
import io.denim.model.FlannelLease;
import io.denim.model.Json;
import io.denim.model.LeaseRecord;
import io.denim.net.Cidr;
import io.denim.state.Peer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
      Written written = Json.mapper().readValue(Files.readString(file), Written.class);
      Remembered remembered = written.remembered();
      boolean good =
          !now.isAfter(remembered.at.plus(GOOD_FOR))
              && !now.isBefore(remembered.at.minus(GOOD_FOR));
      return good ? Optional.of(remembered) : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      LOG.warn("{} is of no use and will be written anew: {}", file, e.toString());
      return Optional.empty();
    }
  }

  /** Writes a file; that it cannot be written is told and does no other harm. */
  public void write(Path file) {
    try {
      if (file.getParent() != null) {
        Files.createDirectories(file.getParent());
      }
      DurableFile.replace(
          file,
          Json.mapper().writeValueAsString(Written.of(this)).getBytes(StandardCharsets.UTF_8),
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
      @Nullable List<WrittenPeer> peers) {
    static Written of(Remembered known) {
      List<WrittenPeer> peers = new ArrayList<>(known.peers.size());
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
      return new Remembered(
          Instant.parse(at),
          configuration,
          new LeaseRecord(self.subnetV4(), self.subnetV6(), self.lease()),
          self.name(),
          peers.stream().map(WrittenPeer::peer).toList());
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
      return new Peer(
          name, Optional.ofNullable(v4), Optional.ofNullable(v6), FlannelLease.parse(lease));
    }
  }
}
