package io.denim.lab;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a program or library says of itself to the loader: System V ABI, chapters 4 (header) and 5
 * (program header, dynamic section); names and numbers as in {@code <elf.h>}.
 *
 * @param interpreter the loader that the kernel starts for it; absent for a static program and a
 *     library
 * @param needed the names of the libraries that it needs, in its order
 */
record Elf(Optional<String> interpreter, List<String> needed) {
  private static final byte[] MAGIC = {
    0x7f, 'E', 'L', 'F', 2 /* ELFCLASS64 */, 1 /* ELFDATA2LSB */
  };

  private static final int PT_LOAD = 1;
  private static final int PT_DYNAMIC = 2;
  private static final int PT_INTERP = 3;

  private static final long DT_NULL = 0;
  private static final long DT_NEEDED = 1;
  private static final long DT_STRTAB = 5;

  Elf {
    needed = List.copyOf(needed);
  }

  /** A part of the file as the program header has it. */
  private record Segment(int type, long offset, long address, long size) {
    /** From {@code Elf64_Phdr}. */
    static Segment read(ByteBuffer header) {
      return new Segment(
          header.getInt(0), header.getLong(8), header.getLong(16), header.getLong(32));
    }

    boolean holds(long at) {
      return type == PT_LOAD && at >= address && at - address < size;
    }
  }

  /**
   * Reads a file of 64 bits and little endian.
   *
   * @throws LabException if it is something else or damaged
   */
  static Elf parse(ByteBuffer file) {
    for (int i = 0; i < MAGIC.length; i++) {
      if (file.limit() <= i || file.get(i) != MAGIC[i]) {
        throw new LabException("it is no ELF file of 64 bits and little endian");
      }
    }
    List<Segment> segments = segments(file);
    Optional<String> interpreter =
        segments.stream()
            .filter(each -> each.type() == PT_INTERP)
            .findFirst()
            .map(each -> text(file, each.offset()));
    List<String> needed = new ArrayList<>();
    for (Segment each : segments) {
      if (each.type() == PT_DYNAMIC) {
        needed.addAll(needed(file, segments, part(file, each.offset(), each.size())));
      }
    }
    return new Elf(interpreter, needed);
  }

  /** {@code e_phoff}, {@code e_phentsize} and {@code e_phnum} say where they are. */
  private static List<Segment> segments(ByteBuffer file) {
    ByteBuffer header = part(file, 0, 64);
    long table = header.getLong(32);
    int size = Short.toUnsignedInt(header.getShort(54));
    int count = Short.toUnsignedInt(header.getShort(56));
    List<Segment> segments = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      segments.add(Segment.read(part(file, table + (long) i * size, 56)));
    }
    return segments;
  }

  private static List<String> needed(ByteBuffer file, List<Segment> segments, ByteBuffer dynamic) {
    List<Long> names = new ArrayList<>();
    long strings = 0;
    for (int at = 0; at + 16 <= dynamic.limit(); at += 16) {
      long tag = dynamic.getLong(at);
      long value = dynamic.getLong(at + 8);
      if (tag == DT_NULL) {
        break;
      }
      if (tag == DT_NEEDED) {
        names.add(value);
      } else if (tag == DT_STRTAB) {
        strings = value;
      }
    }
    List<String> needed = new ArrayList<>();
    for (long name : names) {
      needed.add(text(file, offset(segments, strings) + name));
    }
    return needed;
  }

  /** Where the file has what will be at an address. */
  private static long offset(List<Segment> segments, long address) {
    return segments.stream()
        .filter(each -> each.holds(address))
        .findFirst()
        .map(each -> each.offset() + (address - each.address()))
        .orElseThrow(() -> new LabException("its strings are in no segment that is loaded"));
  }

  private static String text(ByteBuffer file, long offset) {
    ByteBuffer rest = part(file, offset, Math.max(0, file.limit() - offset));
    int length = 0;
    while (length < rest.limit() && rest.get(length) != 0) {
      length++;
    }
    byte[] text = new byte[length];
    rest.get(0, text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private static ByteBuffer part(ByteBuffer file, long offset, long size) {
    if (offset < 0 || size < 0 || offset > file.limit() || size > file.limit() - offset) {
      throw new LabException(
          "it is damaged: its "
              + file.limit()
              + " bytes have none from "
              + offset
              + " on, as many as "
              + size);
    }
    return file.slice((int) offset, (int) size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
