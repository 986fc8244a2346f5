package io.denim.lab;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What an archive has under one name, read as POSIX describes ustar.
 *
 * @param type '0' for a file, '2' for a link, '5' for a folder
 * @param mode permissions in octal, as the archive has them
 * @param target of a link
 * @param text the content as ISO 8859-1
 */
record TarEntry(String name, char type, String mode, String target, String text) {
  private static final int BLOCK = 512;

  /** All of an archive. */
  static List<TarEntry> read(byte[] archive) {
    List<TarEntry> entries = new ArrayList<>();
    int at = 0;
    while (archive[at] != 0) {
      int size = Integer.parseInt(field(archive, at + 124, 12), 8);
      if (sum(archive, at) != Integer.parseInt(field(archive, at + 148, 8).strip(), 8)) {
        throw new IllegalStateException("the header at " + at + " has a wrong sum");
      }
      int content = at + BLOCK;
      entries.add(
          new TarEntry(
              field(archive, at, 100),
              (char) archive[at + 156],
              field(archive, at + 100, 8),
              field(archive, at + 157, 100),
              new String(archive, content, size, StandardCharsets.ISO_8859_1)));
      at = content + Math.ceilDiv(size, BLOCK) * BLOCK;
    }
    if (!Arrays.equals(archive, at, archive.length, new byte[2 * BLOCK], 0, 2 * BLOCK)) {
      throw new IllegalStateException("the archive does not end with two empty blocks");
    }
    return entries;
  }

  /** The one of this name. */
  static TarEntry of(List<TarEntry> entries, String name) {
    return entries.stream()
        .filter(each -> each.name.equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the archive has no " + name));
  }

  byte[] bytes() {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Of a header whose own field for it is blank. */
  private static int sum(byte[] archive, int at) {
    int sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      sum += i >= 148 && i < 156 ? ' ' : archive[at + i] & 0xff;
    }
    return sum;
  }

  private static String field(byte[] archive, int at, int length) {
    var text = new String(archive, at, length, StandardCharsets.ISO_8859_1);
    int end = text.indexOf('\0');
    return end < 0 ? text : text.substring(0, end);
  }
}
