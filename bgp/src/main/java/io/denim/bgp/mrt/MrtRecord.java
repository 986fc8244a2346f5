package io.denim.bgp.mrt;

import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** A record of an MRT file, of the kinds that are read and written here. */
public sealed interface MrtRecord {
  /** The highest number of an AS, and of whatever else has 32 bits. */
  long MAX = 0xffff_ffffL;

  /** When it was written; whole seconds, or microseconds where a record says that it is fine. */
  Instant time();

  /**
   * Between whom something happened.
   *
   * @param peerAs 0 when it is not known
   * @param localAs of the one who wrote the file
   * @param interfaceIndex 0 when it does not matter
   * @param peer its address
   * @param local of the same family
   */
  record Session(long peerAs, long localAs, int interfaceIndex, IpAddress peer, IpAddress local) {
    /** Checks the numbers. */
    public Session {
      check("AS", peerAs, MAX);
      check("AS", localAs, MAX);
      check("interface index", interfaceIndex, 0xffff);
      if (peer.isV4() != local.isV4()) {
        throw new IllegalArgumentException(
            "a session is between addresses of one family, got " + peer + " and " + local);
      }
    }

    void checkWidth(boolean fourOctetAs) {
      if (!fourOctetAs) {
        check("AS of two octets", peerAs, 0xffff);
        check("AS of two octets", localAs, 0xffff);
      }
    }
  }

  /**
   * Which of the eight kinds of BGP4MP messages.
   *
   * @param fourOctetAs whether AS numbers have four octets, in the message's AS_PATH too
   * @param sent by the one who wrote the file, not by its peer
   * @param addPath whether prefixes have path identifiers (RFC 8050)
   */
  record Form(boolean fourOctetAs, boolean sent, boolean addPath) {}

  /**
   * A BGP message (BGP4MP_MESSAGE and its kin; of BGP4MP_ET when it is fine).
   *
   * @param message whole, with its header
   */
  record Message(Instant time, boolean fine, Form form, Session session, Bytes message)
      implements MrtRecord {
    /** Cuts the time to what the file can say. */
    public Message {
      time = cut(time, fine);
      session.checkWidth(form.fourOctetAs());
      int length = message.length();
      if (length < 19 || (message.at(16) << 8 | message.at(17)) != length) {
        throw new IllegalArgumentException(
            length + " octets are not the BGP message that they say they are");
      }
    }

    /** The type: 1 OPEN, 2 UPDATE, 3 NOTIFICATION, 4 KEEPALIVE, 5 ROUTE-REFRESH. */
    public int type() {
      return message.at(18);
    }
  }

  /**
   * A session is in another state (BGP4MP_STATE_CHANGE, BGP4MP_STATE_CHANGE_AS4).
   *
   * @param before 1 Idle, 2 Connect, 3 Active, 4 OpenSent, 5 OpenConfirm, 6 Established
   * @param after likewise
   */
  record StateChange(
      Instant time, boolean fine, boolean fourOctetAs, Session session, int before, int after)
      implements MrtRecord {
    /** Cuts the time to what the file can say. */
    public StateChange {
      time = cut(time, fine);
      session.checkWidth(fourOctetAs);
      check("state", before, 0xffff);
      check("state", after, 0xffff);
    }
  }

  /**
   * Whose routes the entries of a table are (PEER_INDEX_TABLE); stands in front of them.
   *
   * @param collector its BGP identifier
   * @param view its name, mostly empty
   */
  record Peers(Instant time, IpAddress collector, String view, List<Peer> peers)
      implements MrtRecord {
    /** Cuts the time to what the file can say, and copies. */
    public Peers {
      time = cut(time, false);
      peers = List.copyOf(peers);
      check("number of peers", peers.size(), 0xffff);
      check("length of a view's name", view.getBytes(StandardCharsets.UTF_8).length, 0xffff);
      checkV4(collector);
    }
  }

  /** One whose routes are in a table. */
  record Peer(IpAddress identifier, IpAddress address, long as) {
    /** Checks the numbers. */
    public Peer {
      check("AS", as, MAX);
      checkV4(identifier);
    }
  }

  /**
   * The routes to a prefix (RIB_IPV4_UNICAST, RIB_IPV6_UNICAST and their ADDPATH forms).
   *
   * @param sequence counts the prefixes of a table from 0
   * @param addPath whether the entries have path identifiers
   */
  record Routes(Instant time, long sequence, Cidr prefix, boolean addPath, List<Entry> entries)
      implements MrtRecord {
    /** Cuts the time to what the file can say, and copies. */
    public Routes {
      time = cut(time, false);
      entries = List.copyOf(entries);
      check("sequence", sequence, MAX);
      check("number of entries", entries.size(), 0xffff);
      if (!addPath && entries.stream().anyMatch(entry -> entry.pathId() != 0)) {
        throw new IllegalArgumentException("path identifiers are for the ADDPATH forms only");
      }
    }
  }

  /**
   * One peer's route.
   *
   * @param peer its place in {@link Peers}, from 0
   * @param originated when it came
   * @param pathId 0 where there is none
   * @param attributes as in an UPDATE, with AS numbers of four octets; MP_REACH_NLRI has nothing
   *     but the length of the next hop and the next hop (RFC 6396 4.3.4)
   */
  record Entry(int peer, Instant originated, long pathId, Bytes attributes) {
    /** Cuts the time to what the file can say. */
    public Entry {
      originated = cut(originated, false);
      check("place of a peer", peer, 0xffff);
      check("path identifier", pathId, MAX);
      check("length of attributes", attributes.length(), 0xffff);
    }
  }

  private static Instant cut(Instant time, boolean fine) {
    check("time", time.getEpochSecond(), MAX);
    return time.truncatedTo(fine ? ChronoUnit.MICROS : ChronoUnit.SECONDS);
  }

  private static void check(String what, long value, long most) {
    if (value < 0 || value > most) {
      throw new IllegalArgumentException(what + " of 0 to " + most + " in MRT, got " + value);
    }
  }

  private static void checkV4(IpAddress identifier) {
    if (!identifier.isV4()) {
      throw new IllegalArgumentException("a BGP identifier has four octets, got " + identifier);
    }
  }
}
