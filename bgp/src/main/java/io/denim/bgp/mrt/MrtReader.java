package io.denim.bgp.mrt;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads records out of a stream, in their order. Used by one thread. */
public final class MrtReader implements AutoCloseable {
  /** More than the longest record anybody writes; what says it is longer is no MRT file. */
  private static final int MAX_LENGTH = 64 << 20;

  private final InputStream in;
  private long offset;
  private long skipped;
  private OptionalLong truncatedAt = OptionalLong.empty();
  private boolean ended;

  /** Out of a stream, which should be a buffered one. */
  public MrtReader(InputStream in) {
    this.in = in;
  }

  /**
   * The next record of a known kind; empty at the end, also at one within a record ({@link
   * #truncatedAt}).
   *
   * @throws MrtException when a length or a number is wrong. Where the record ends was plain if the
   *     call after that gives the one behind it, and is empty otherwise.
   */
  public Optional<MrtRecord> next() throws IOException {
    while (!ended) {
      byte[] header = in.readNBytes(Code.HEADER);
      if (header.length < Code.HEADER) {
        return end(header.length > 0);
      }
      ByteBuffer fields = ByteBuffer.wrap(header);
      long seconds = fields.getInt() & 0xffff_ffffL;
      int type = fields.getShort() & 0xffff;
      int subtype = fields.getShort() & 0xffff;
      long length = fields.getInt() & 0xffff_ffffL;
      if (length > MAX_LENGTH) {
        ended = true;
        throw new MrtException(offset + 8, "a record of " + length + " octets");
      }
      byte[] body = in.readNBytes((int) length);
      if (body.length < length) {
        return end(true);
      }
      long at = offset;
      offset += Code.HEADER + length;
      Optional<MrtRecord> read = new Decoder(body, at + Code.HEADER).read(seconds, type, subtype);
      if (read.isPresent()) {
        return read;
      }
      skipped++;
    }
    return Optional.empty();
  }

  private Optional<MrtRecord> end(boolean within) {
    ended = true;
    truncatedAt = within ? OptionalLong.of(offset) : OptionalLong.empty();
    return Optional.empty();
  }

  /** Records of kinds that are not known here. */
  public long skipped() {
    return skipped;
  }

  /** Where the record begins that is not whole; empty when there is none, or none was met yet. */
  public OptionalLong truncatedAt() {
    return truncatedAt;
  }

  /** How many octets of the file were of whole records up to now. */
  public long offset() {
    return offset;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
