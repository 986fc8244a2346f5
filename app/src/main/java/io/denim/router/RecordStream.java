package io.denim.router;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Optional;

/**
 * MRT records as a router sends them, whole ones only. The last is one of type 0, which no record
 * has, with the number of gaps in 8 octets: without it the router has ended before.
 */
public final class RecordStream implements Closeable {
  private static final int HEADER = 12;
  private static final int TYPE_AT = 4;
  private static final int LENGTH_AT = 8;
  private static final int LONGEST = 64 << 20;
  private static final String BROKEN = "the router ended before it had said all";

  private final SocketChannel channel;
  private final InputStream in;
  private long gaps;

  RecordStream(SocketChannel channel) {
    this.channel = channel;
    in = new BufferedInputStream(Channels.newInputStream(channel), 1 << 16);
  }

  /** The last record. */
  static byte[] end(long gaps) {
    return ByteBuffer.allocate(HEADER + Long.BYTES)
        .putInt(LENGTH_AT, Long.BYTES)
        .putLong(HEADER, gaps)
        .array();
  }

  /** The answer's first line. */
  byte[] line() throws IOException {
    ByteBuffer line = ByteBuffer.allocate(1 << 16);
    for (int octet = in.read(); octet >= 0 && octet != '\n'; octet = in.read()) {
      if (line.hasRemaining()) {
        line.put((byte) octet);
      }
    }
    return Arrays.copyOf(line.array(), line.position());
  }

  /**
   * The next record; empty after the last.
   *
   * @throws RouterException when the router has ended before, or sends something else
   */
  public Optional<byte[]> next() {
    try {
      byte[] record = in.readNBytes(HEADER);
      if (record.length < HEADER) {
        throw new RouterException(BROKEN);
      }
      ByteBuffer fields = ByteBuffer.wrap(record);
      int length = fields.getInt(LENGTH_AT);
      if (length < 0 || length > LONGEST) {
        throw new RouterException(
            "what came is no MRT record, its length would be "
                + length
                + "; is a router of this version at the control socket?");
      }
      record = Arrays.copyOf(record, HEADER + length);
      if (in.readNBytes(record, HEADER, length) < length) {
        throw new RouterException(BROKEN);
      }
      if (fields.getShort(TYPE_AT) == 0) {
        gaps = length == Long.BYTES ? ByteBuffer.wrap(record).getLong(HEADER) : 0;
        return Optional.empty();
      }
      return Optional.of(record);
    } catch (IOException e) {
      throw new RouterException(BROKEN + ": " + e.getMessage(), e);
    }
  }

  /** How often records are missing because they were not read as fast as they came. */
  public long gaps() {
    return gaps;
  }

  /** Asks for the end: what waits still comes, and the last record. */
  public void finish() {
    try {
      channel.shutdownOutput();
    } catch (IOException e) {
      // It is over already.
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
