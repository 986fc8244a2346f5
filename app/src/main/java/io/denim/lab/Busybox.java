package io.denim.lab;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Busybox: one program that is many, by the name it is called with. */
public final class Busybox {
  /** The two names that come first in every busybox, in the table that {@code --list} prints. */
  private static final byte[] TABLE = "\0[\0[[\0".getBytes(StandardCharsets.US_ASCII);

  private Busybox() {}

  /**
   * A static busybox in the folder {@code bin}, and links to it under all its names.
   *
   * @throws LabException if it cannot be read or is not as Debian has it
   */
  public static SortedMap<String, ImageFile> files(Path source) {
    var files = new TreeMap<String, ImageFile>();
    try {
      for (String each : names(Files.readAllBytes(source))) {
        files.put("bin/" + each, new ImageFile.Link("busybox"));
      }
    } catch (IOException e) {
      throw new LabException("cannot read " + source + " for a container image: " + e, e);
    }
    files.put("bin/busybox", new ImageFile.Copy(source));
    return files;
  }

  /**
   * The names that a busybox answers to, from the table in the program itself: names in order, each
   * with a 0 behind it, and an empty one at the end (applet_names of its build).
   *
   * @throws LabException if there is no such table
   */
  static List<String> names(byte[] program) {
    int at = table(program) + 1;
    List<String> names = new ArrayList<>();
    for (int end = at; ; end++) {
      if (end == program.length) {
        throw new LabException("the table of names in busybox has no end");
      }
      if (program[end] == 0) {
        if (end == at) {
          return names;
        }
        names.add(new String(program, at, end - at, StandardCharsets.US_ASCII));
        at = end + 1;
      }
    }
  }

  private static int table(byte[] program) {
    for (int at = 0; at + TABLE.length <= program.length; at++) {
      if (startsAt(program, at)) {
        return at;
      }
    }
    throw new LabException(
        "this busybox has no table of its names; needed is Debian's package busybox-static");
  }

  private static boolean startsAt(byte[] program, int at) {
    for (int i = 0; i < TABLE.length; i++) {
      if (program[at + i] != TABLE[i]) {
        return false;
      }
    }
    return true;
  }
}
