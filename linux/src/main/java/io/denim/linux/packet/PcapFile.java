package io.denim.linux.packet;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Instant;

/**
 * A file of Ethernet frames as tcpdump and Wireshark read it: pcap with nanoseconds
 * (draft-ietf-opsawg-pcap). Each frame is in the file when {@link #write} returns, so that one that
 * is interrupted can be read too.
 */
public final class PcapFile implements AutoCloseable {
  private static final int MAGIC_NANOSECONDS = 0xa1b23c4d;
  private static final short MAJOR = 2;
  private static final short MINOR = 4;
  private static final int SNAPLEN = 65_536;
  private static final int LINKTYPE_ETHERNET = 1;

  private final Path path;
  private final FileChannel channel;

  private PcapFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Begins a file; one that is there is written over.
   *
   * @throws UncheckedIOException when it cannot be written
   */
  public static PcapFile create(Path path) {
    try {
      var file = new PcapFile(path, FileChannel.open(path, CREATE, WRITE, TRUNCATE_EXISTING));
      file.put(
          buffer(24)
              .putInt(MAGIC_NANOSECONDS)
              .putShort(MAJOR)
              .putShort(MINOR)
              .putInt(0)
              .putInt(0)
              .putInt(SNAPLEN)
              .putInt(LINKTYPE_ETHERNET));
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write packets to " + path + ": " + e, e);
    }
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void put(ByteBuffer buffer) {
    try {
      buffer.flip();
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write packets to " + path + ": " + e, e);
    }
  }

  /** Adds a frame that was seen at this time. */
  public void write(Instant seen, byte[] frame) {
    put(
        buffer(16 + frame.length)
            .putInt((int) seen.getEpochSecond())
            .putInt(seen.getNano())
            .putInt(frame.length)
            .putInt(frame.length)
            .put(frame));
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write packets to " + path + ": " + e, e);
    }
  }
}
