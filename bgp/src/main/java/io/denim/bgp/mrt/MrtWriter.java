package io.denim.bgp.mrt;

import io.denim.net.IpAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoField;

/** Writes records into a stream. Used by one thread. */
public final class MrtWriter implements AutoCloseable {
  private final OutputStream out;
  private long octets;

  /** Into a stream, which should be a buffered one. */
  public MrtWriter(OutputStream out) {
    this.out = out;
  }

  /** Adds a record. */
  public void write(MrtRecord each) throws IOException {
    write(encode(each));
  }

  void write(byte[] encoded) throws IOException {
    out.write(encoded);
    octets += encoded.length;
  }

  /** How much has been written. */
  public long octets() {
    return octets;
  }

  /** Passes on what waits in the stream. */
  public void flush() throws IOException {
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  /** A record as it is in a file. */
  public static byte[] encode(MrtRecord each) {
    Body body = new Body();
    return switch (each) {
      case MrtRecord.Message message -> {
        body.fine(message.time(), message.fine());
        body.session(message.session(), message.form().fourOctetAs());
        body.bytes(message.message().toArray());
        yield body.record(message.time(), type(message.fine()), Code.of(message.form()));
      }
      case MrtRecord.StateChange change -> {
        body.fine(change.time(), change.fine());
        body.session(change.session(), change.fourOctetAs());
        body.int16(change.before());
        body.int16(change.after());
        int subtype = change.fourOctetAs() ? Code.STATE_CHANGE_AS4 : Code.STATE_CHANGE;
        yield body.record(change.time(), type(change.fine()), subtype);
      }
      case MrtRecord.Peers peers -> {
        body.peers(peers);
        yield body.record(peers.time(), Code.TABLE_DUMP_V2, Code.PEER_INDEX_TABLE);
      }
      case MrtRecord.Routes routes -> {
        body.routes(routes);
        yield body.record(routes.time(), Code.TABLE_DUMP_V2, subtype(routes));
      }
    };
  }

  private static int type(boolean fine) {
    return fine ? Code.BGP4MP_ET : Code.BGP4MP;
  }

  private static int subtype(MrtRecord.Routes routes) {
    if (routes.prefix().address().isV4()) {
      return routes.addPath() ? Code.RIB_IPV4_UNICAST_ADDPATH : Code.RIB_IPV4_UNICAST;
    }
    return routes.addPath() ? Code.RIB_IPV6_UNICAST_ADDPATH : Code.RIB_IPV6_UNICAST;
  }

  /** What stands behind the header. */
  private static final class Body {
    private final ByteArrayOutputStream to = new ByteArrayOutputStream(128);

    private void int8(int value) {
      to.write(value);
    }

    private void int16(int value) {
      int8(value >>> 8);
      int8(value);
    }

    private void int32(long value) {
      int16((int) (value >>> 16));
      int16((int) value);
    }

    private void bytes(byte[] octets) {
      to.writeBytes(octets);
    }

    private void as(long number, boolean fourOctets) {
      if (fourOctets) {
        int32(number);
      } else {
        int16((int) number);
      }
    }

    private void fine(Instant time, boolean fine) {
      if (fine) {
        int32(time.get(ChronoField.MICRO_OF_SECOND));
      }
    }

    private void session(MrtRecord.Session session, boolean fourOctetAs) {
      as(session.peerAs(), fourOctetAs);
      as(session.localAs(), fourOctetAs);
      int16(session.interfaceIndex());
      int16(session.peer().isV4() ? Code.AFI_V4 : Code.AFI_V6);
      bytes(session.peer().bytes());
      bytes(session.local().bytes());
    }

    private void peers(MrtRecord.Peers peers) {
      bytes(peers.collector().bytes());
      byte[] view = peers.view().getBytes(StandardCharsets.UTF_8);
      int16(view.length);
      bytes(view);
      int16(peers.peers().size());
      for (MrtRecord.Peer peer : peers.peers()) {
        int8(Code.PEER_HAS_FOUR_OCTETS | (peer.address().isV4() ? 0 : Code.PEER_IS_V6));
        bytes(peer.identifier().bytes());
        bytes(peer.address().bytes());
        int32(peer.as());
      }
    }

    private void routes(MrtRecord.Routes routes) {
      int32(routes.sequence());
      IpAddress address = routes.prefix().address();
      int8(routes.prefix().length());
      to.write(address.bytes(), 0, (routes.prefix().length() + 7) / 8);
      int16(routes.entries().size());
      for (MrtRecord.Entry entry : routes.entries()) {
        int16(entry.peer());
        int32(entry.originated().getEpochSecond());
        if (routes.addPath()) {
          int32(entry.pathId());
        }
        int16(entry.attributes().length());
        bytes(entry.attributes().toArray());
      }
    }

    private byte[] record(Instant time, int type, int subtype) {
      Body whole = new Body();
      whole.int32(time.getEpochSecond());
      whole.int16(type);
      whole.int16(subtype);
      whole.int32(to.size());
      whole.bytes(to.toByteArray());
      return whole.to.toByteArray();
    }
  }
}
