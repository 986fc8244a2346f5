package io.denim.lab;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes a tar archive in the format ustar (POSIX.1-2017, pax, "ustar Interchange Format"). Owner
 * of everything is root, and the time is 1970, so that equal content makes an equal archive.
 */
final class Tar {
  private static final int BLOCK = 512;
  private static final int NAME = 100;

  private final Counted out;

  /** The octets of a file. */
  @FunctionalInterface
  interface Content {
    /** Writes all of them; is called once. */
    void writeTo(OutputStream out) throws IOException;
  }

  /** Knows how many octets went through it. */
  private static final class Counted extends FilterOutputStream {
    private long count;

    Counted(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int octet) throws IOException {
      out.write(octet);
      count++;
    }

    @Override
    public void write(byte[] octets, int offset, int length) throws IOException {
      out.write(octets, offset, length);
      count += length;
    }
  }

  /** Into a stream that stays the caller's. */
  Tar(OutputStream out) {
    this.out = new Counted(out);
  }

  void folder(String name, int mode) throws IOException {
    header(name + "/", '5', mode, 0, "");
  }

  void link(String name, String target) throws IOException {
    header(name, '2', 0777, 0, target);
  }

  /**
   * Puts in a file.
   *
   * @param size how many octets the content has; another number of them is an error
   */
  void file(String name, int mode, long size, Content content) throws IOException {
    header(name, '0', mode, size, "");
    long start = out.count;
    content.writeTo(out);
    long written = out.count - start;
    if (written != size) {
      throw new IOException(
          name
              + " has changed while it was put into an archive: "
              + written
              + " bytes, not "
              + size);
    }
    out.write(new byte[(int) Math.floorMod(-size, (long) BLOCK)]);
  }

  /** Ends the archive; how many octets it has. */
  long end() throws IOException {
    out.write(new byte[2 * BLOCK]);
    return out.count;
  }

  private void header(String name, char type, int mode, long size, String target)
      throws IOException {
    byte[] header = new byte[BLOCK];
    put(header, 0, fitting(name));
    put(header, 100, String.format("%07o", mode));
    put(header, 108, "0000000");
    put(header, 116, "0000000");
    put(header, 124, String.format("%011o", size));
    put(header, 136, "00000000000");
    put(header, 148, "        ");
    header[156] = (byte) type;
    put(header, 157, fitting(target));
    put(header, 257, "ustar\0" + "00");
    int sum = 0;
    for (byte each : header) {
      sum += each & 0xff;
    }
    put(header, 148, String.format("%06o\0 ", sum));
    out.write(header);
  }

  private static String fitting(String name) throws IOException {
    if (name.getBytes(StandardCharsets.UTF_8).length > NAME) {
      throw new IOException(
          "the name " + name + " does not fit into an archive; allowed: " + NAME + " bytes");
    }
    return name;
  }

  private static void put(byte[] header, int at, String text) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(octets, 0, header, at, octets.length);
  }
}
