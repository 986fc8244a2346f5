package io.denim.runtime;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes a tar archive in the format ustar (POSIX.1-2017, pax, "ustar Interchange Format"). */
final class Tar {
  private static final int BLOCK = 512;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  void folder(String name) {
    header(name + "/", '5', 0, "");
  }

  void link(String name, String target) {
    header(name, '2', 0, target);
  }

  void file(String name, byte[] content) {
    header(name, '0', content.length, "");
    bytes.writeBytes(content);
    bytes.writeBytes(new byte[Math.floorMod(-content.length, BLOCK)]);
  }

  byte[] end() {
    bytes.writeBytes(new byte[2 * BLOCK]);
    return bytes.toByteArray();
  }

  private void header(String name, char type, long size, String target) {
    byte[] header = new byte[BLOCK];
    put(header, 0, name);
    put(header, 100, "0000755");
    put(header, 108, "0000000");
    put(header, 116, "0000000");
    put(header, 124, String.format("%011o", size));
    put(header, 136, "00000000000");
    put(header, 148, "        ");
    header[156] = (byte) type;
    put(header, 157, target);
    put(header, 257, "ustar\0" + "00");
    int sum = 0;
    for (byte each : header) {
      sum += each & 0xff;
    }
    put(header, 148, String.format("%06o\0 ", sum));
    bytes.writeBytes(header);
  }

  private static void put(byte[] header, int at, String text) {
    byte[] octets = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(octets, 0, header, at, octets.length);
  }
}
