package io.denim.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * One journal file, read as it grows and, under the store's lock, written. Not safe for threads.
 *
 * <p>A frame is begun only after the one before it is durable. So an invalid frame with a valid one
 * behind it can only be damage, and is reported; an invalid frame with nothing behind it is what a
 * crash leaves, was never acknowledged, and is cut off by the next writer.
 */
final class Journal implements AutoCloseable {
  private static final int LARGEST_READ = Frame.LONGEST + Frame.OVERHEAD;
  private static final int SNAPSHOT_FRAME = 1 << 20;

  /** Configurations hold keys, such as wireguard's. */
  private static final FileAttribute<?> OWNER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path path;
  private final FileChannel channel;
  private final Object fileKey;
  private final Frame.Head head;
  private long end;
  private boolean durable;

  private Journal(Path path, FileChannel channel, Object fileKey, Frame.Head head, long end) {
    this.path = path;
    this.channel = channel;
    this.fileKey = fileKey;
    this.head = head;
    this.end = end;
  }

  /** What a look at the path shows: which file is there, and how long it is. */
  record Look(Object fileKey, long size) {}

  /** Looks at the path without opening it; empty when nothing is there. */
  static Optional<Look> look(Path path) throws IOException {
    try {
      BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class);
      Object key = Objects.requireNonNull(found.fileKey(), "a file system without inode numbers");
      return Optional.of(new Look(key, found.size()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /**
   * Opens the journal and reads its head; empty when there is none.
   *
   * @throws CorruptException when the file does not begin with a head
   */
  static Optional<Journal> open(Path path) throws IOException {
    while (true) {
      Optional<Look> before = look(path);
      if (before.isEmpty()) {
        return Optional.empty();
      }
      FileChannel channel =
          FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
      boolean good = false;
      try {
        Object key = before.get().fileKey();
        if (look(path).filter(now -> now.fileKey().equals(key)).isPresent()) {
          ByteBuffer start = read(channel, 0, 64);
          if (Frame.decode(start) instanceof Frame.Head head) {
            good = true;
            return Optional.of(new Journal(path, channel, key, head, start.position()));
          }
          throw new CorruptException(
              ("%s does not begin as a journal of this version of Denim; move it away to start with"
                      + " an empty store, or restore it")
                  .formatted(path));
        }
      } finally {
        if (!good) {
          channel.close();
        }
      }
    }
  }

  /** Writes a new journal beside the old one, durably, and puts it into its place. */
  static Journal replace(Path path, Frame.Head head, List<Change> changes) throws IOException {
    Path temporary = path.resolveSibling(path.getFileName() + ".tmp");
    Files.deleteIfExists(temporary);
    try (FileChannel out =
        FileChannel.open(
            temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER)) {
      writeAll(out, Frame.encode(head), 0);
      for (List<Change> part : parts(changes)) {
        writeAll(out, Frame.encode(part), out.size());
      }
      out.force(true);
    }
    Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
    Path directory = Objects.requireNonNull(path.getParent(), "a journal is in a directory");
    try (FileChannel parent = FileChannel.open(directory, StandardOpenOption.READ)) {
      parent.force(true);
    }
    return open(path).orElseThrow(() -> new IOException(path + " vanished while being replaced"));
  }

  private static List<List<Change>> parts(List<Change> changes) {
    List<List<Change>> parts = new ArrayList<>();
    List<Change> part = new ArrayList<>();
    int size = 0;
    for (Change change : changes) {
      part.add(change);
      size += change instanceof Change.Put put ? 64 + put.value().length() : 64;
      if (size >= SNAPSHOT_FRAME) {
        parts.add(part);
        part = new ArrayList<>();
        size = 0;
      }
    }
    if (!part.isEmpty()) {
      parts.add(part);
    }
    return parts;
  }

  Frame.Head head() {
    return head;
  }

  /** This file and how much of it has been read. */
  Look position() {
    return new Look(fileKey, end);
  }

  /** Whether the file has been cut behind what was read, which no store does. */
  boolean shrunk() throws IOException {
    return channel.size() < end;
  }

  /** Reads the whole frames that have been added since the last reading. */
  List<Change> readOn() throws IOException {
    List<Change> changes = new ArrayList<>();
    boolean more = true;
    while (more) {
      long size = channel.size();
      if (size <= end) {
        break;
      }
      ByteBuffer bytes = read(channel, end, (int) Math.min(size - end, LARGEST_READ));
      more = false;
      while (Frame.decode(bytes) instanceof Frame.Changes found) {
        changes.addAll(found.changes());
        more = true;
      }
      end += bytes.position();
    }
    if (!changes.isEmpty()) {
      durable = false;
    }
    return changes;
  }

  /**
   * Cuts off what a crashed writer left behind the last whole frame. Only under the lock, after
   * {@link #readOn}. Gives the number of bytes that were cut.
   *
   * @throws CorruptException when a whole frame follows behind the invalid one
   */
  long cutTornTail() throws IOException {
    long size = channel.size();
    if (size <= end) {
      return 0;
    }
    ByteBuffer rest = read(channel, end, (int) Math.min(size - end, LARGEST_READ));
    String reason =
        switch (Frame.decode(rest)) {
          case Frame.Damaged damaged -> damaged.reason();
          case Frame.Unfinished unfinished -> "a frame that does not end";
          case Frame.Head second -> "a second head";
          case Frame.Changes unread -> "a frame that was not read";
        };
    for (int at = 1; at + Frame.OVERHEAD <= rest.limit(); at++) {
      if (rest.getInt(at) == Frame.MAGIC) {
        Frame later = Frame.decode(rest.slice(at, rest.limit() - at));
        if (later instanceof Frame.Changes || later instanceof Frame.Head) {
          throw new CorruptException(
              ("%s is damaged at byte %d (%s), with %d bytes of later entries behind it; restore the"
                      + " file, or cut it at that byte and lose what follows (truncate -s %d %s)")
                  .formatted(path, end, reason, size - end, end, path));
        }
      }
    }
    channel.truncate(end);
    channel.force(true);
    return size - end;
  }

  /**
   * Adds a frame durably. Only under the lock, with everything before it read.
   *
   * @throws IOException when it could not be written; it is cut off again
   */
  void append(ByteBuffer frame) throws IOException {
    if (!durable) {
      // Frames of a writer that died before its fsync must not be less durable than this one.
      channel.force(false);
      durable = true;
    }
    int length = frame.remaining();
    try {
      writeAll(channel, frame, end);
      channel.force(false);
    } catch (IOException e) {
      channel.truncate(end);
      throw e;
    }
    end += length;
  }

  private static void writeAll(FileChannel out, ByteBuffer bytes, long from) throws IOException {
    long at = from;
    while (bytes.hasRemaining()) {
      at += out.write(bytes, at);
    }
  }

  private static ByteBuffer read(FileChannel in, long from, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    int got = 0;
    while (bytes.hasRemaining() && got >= 0) {
      got = in.read(bytes, from + bytes.position());
    }
    return bytes.flip();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
