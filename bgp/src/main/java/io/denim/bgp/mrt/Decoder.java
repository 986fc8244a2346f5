package io.denim.bgp.mrt;

import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What stands behind the header of one record. */
final class Decoder {
  private static final int MICRO = 1_000;
  private static final int MICROS_PER_SECOND = 1_000_000;
  private static final int V4 = 4;
  private static final int V6 = 16;

  private final ByteBuffer body;
  private final long base;

  /**
   * Of a whole record.
   *
   * @param base where in the file the body begins
   */
  Decoder(byte[] body, long base) {
    this.body = ByteBuffer.wrap(body);
    this.base = base;
  }

  /** The record; empty when it is of a kind that is not known here. */
  Optional<MrtRecord> read(long seconds, int type, int subtype) {
    Instant time = Instant.ofEpochSecond(seconds);
    try {
      Optional<MrtRecord> read =
          switch (type) {
            case Code.TABLE_DUMP_V2 -> table(time, subtype);
            case Code.BGP4MP -> exchange(time, false, subtype);
            case Code.BGP4MP_ET -> exchange(fine(time), true, subtype);
            default -> Optional.empty();
          };
      if (read.isPresent() && body.hasRemaining()) {
        throw wrong(body.remaining() + " octets are left over at the end of a record");
      }
      return read;
    } catch (BufferUnderflowException e) {
      throw wrong(
          "a record of type " + type + "/" + subtype + " ends before what it says it holds");
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private MrtException wrong(String words) {
    return new MrtException(base + body.position(), words);
  }

  private Instant fine(Instant time) {
    long micros = int32();
    if (micros >= MICROS_PER_SECOND) {
      throw wrong(micros + " microseconds of a second");
    }
    return time.plusNanos(micros * MICRO);
  }

  private Optional<MrtRecord> exchange(Instant time, boolean fine, int subtype) {
    return switch (subtype) {
      case Code.STATE_CHANGE -> change(time, fine, false);
      case Code.STATE_CHANGE_AS4 -> change(time, fine, true);
      case Code.MESSAGE -> message(time, fine, new MrtRecord.Form(false, false, false));
      case Code.MESSAGE_AS4 -> message(time, fine, new MrtRecord.Form(true, false, false));
      case Code.MESSAGE_LOCAL -> message(time, fine, new MrtRecord.Form(false, true, false));
      case Code.MESSAGE_AS4_LOCAL -> message(time, fine, new MrtRecord.Form(true, true, false));
      case Code.MESSAGE_ADDPATH -> message(time, fine, new MrtRecord.Form(false, false, true));
      case Code.MESSAGE_AS4_ADDPATH -> message(time, fine, new MrtRecord.Form(true, false, true));
      case Code.MESSAGE_LOCAL_ADDPATH -> message(time, fine, new MrtRecord.Form(false, true, true));
      case Code.MESSAGE_AS4_LOCAL_ADDPATH ->
          message(time, fine, new MrtRecord.Form(true, true, true));
      default -> Optional.empty();
    };
  }

  private Optional<MrtRecord> change(Instant time, boolean fine, boolean fourOctetAs) {
    return session(fourOctetAs)
        .map(session ->
            new MrtRecord.StateChange(time, fine, fourOctetAs, session, int16(), int16()));
  }

  private Optional<MrtRecord> message(Instant time, boolean fine, MrtRecord.Form form) {
    return session(form.fourOctetAs())
        .map(session -> new MrtRecord.Message(time, fine, form, session, bytes(body.remaining())));
  }

  /** Empty for addresses that are neither of IPv4 nor of IPv6. */
  private Optional<MrtRecord.Session> session(boolean fourOctetAs) {
    long peerAs = as(fourOctetAs);
    long localAs = as(fourOctetAs);
    int index = int16();
    int family = int16();
    if (family != Code.AFI_V4 && family != Code.AFI_V6) {
      return Optional.empty();
    }
    int length = family == Code.AFI_V4 ? V4 : V6;
    return Optional.of(
        new MrtRecord.Session(peerAs, localAs, index, address(length), address(length)));
  }

  private Optional<MrtRecord> table(Instant time, int subtype) {
    return switch (subtype) {
      case Code.PEER_INDEX_TABLE -> Optional.of(peers(time));
      case Code.RIB_IPV4_UNICAST -> Optional.of(routes(time, V4, false));
      case Code.RIB_IPV6_UNICAST -> Optional.of(routes(time, V6, false));
      case Code.RIB_IPV4_UNICAST_ADDPATH -> Optional.of(routes(time, V4, true));
      case Code.RIB_IPV6_UNICAST_ADDPATH -> Optional.of(routes(time, V6, true));
      default -> Optional.empty();
    };
  }

  private MrtRecord peers(Instant time) {
    IpAddress collector = address(V4);
    String view = new String(bytes(int16()).toArray(), StandardCharsets.UTF_8);
    int count = int16();
    List<MrtRecord.Peer> peers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int kind = body.get();
      IpAddress identifier = address(V4);
      IpAddress address = address((kind & Code.PEER_IS_V6) == 0 ? V4 : V6);
      peers.add(
          new MrtRecord.Peer(identifier, address, as((kind & Code.PEER_HAS_FOUR_OCTETS) != 0)));
    }
    return new MrtRecord.Peers(time, collector, view, peers);
  }

  private MrtRecord routes(Instant time, int width, boolean addPath) {
    long sequence = int32();
    int length = body.get() & 0xff;
    if (length > 8 * width) {
      throw wrong("a prefix of " + length + " bits");
    }
    byte[] address = Arrays.copyOf(bytes((length + 7) / 8).toArray(), width);
    Cidr prefix = Cidr.of(IpAddress.ofBytes(address), length);
    int count = int16();
    List<MrtRecord.Entry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int peer = int16();
      Instant originated = Instant.ofEpochSecond(int32());
      long pathId = addPath ? int32() : 0;
      entries.add(new MrtRecord.Entry(peer, originated, pathId, bytes(int16())));
    }
    return new MrtRecord.Routes(time, sequence, prefix, addPath, entries);
  }

  private long as(boolean fourOctets) {
    return fourOctets ? int32() : int16();
  }

  private int int16() {
    return body.getShort() & 0xffff;
  }

  private long int32() {
    return body.getInt() & 0xffff_ffffL;
  }

  private IpAddress address(int length) {
    byte[] octets = new byte[length];
    body.get(octets);
    return IpAddress.ofBytes(octets);
  }

  private Bytes bytes(int length) {
    if (length > body.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] octets = new byte[length];
    body.get(octets);
    return Bytes.of(octets);
  }
}
