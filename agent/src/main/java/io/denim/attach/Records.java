package io.denim.attach;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.denim.ipam.DurableFile;
import io.denim.model.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.core.JacksonException;

/**
 * The attachments of a node: in memory, and each in a file of its own, which is there before
 * anything of the attachment is in the kernel and until nothing is. A file appears as a whole; what
 * becomes of the attachment is written behind it, and the last line counts, for a new file would
 * cost more than all else that a change does. Nothing is synced to disk: what a crash of the
 * machine destroys has no containers any more.
 */
final class Records {
  /** Octets from which on a file is written anew. */
  private static final int LONG = 64 << 10;

  private final Path folder;
  private final Map<Attachment.Key, Attachment> known = new ConcurrentHashMap<>();
  private final Map<String, String> unreadable = new ConcurrentHashMap<>();
  private final AtomicLong temporaries = new AtomicLong();

  /**
   * Reads what is there. A file that cannot be read is left and told by {@link #problems}.
   *
   * @throws AttachmentException when the folder cannot be used
   */
  Records(Path folder) {
    this.folder = folder;
    try {
      Files.createDirectories(folder);
      try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
        for (Path file : files) {
          load(file);
        }
      }
    } catch (IOException e) {
      throw new AttachmentException("cannot use the folder of attachments " + folder + ": " + e, e);
    }
  }

  private void load(Path file) throws IOException {
    String name = String.valueOf(file.getFileName());
    if (name.startsWith(".")) {
      // Left by a killed agent before it had its name.
      Files.deleteIfExists(file);
      return;
    }
    try {
      String last = Files.readString(file).lines().reduce("", (_, line) -> line);
      Optional<Attachment> read =
          Optional.ofNullable(Json.mapper().readValue(last, Attachment.class));
      String owner = read.map(Attachment::key).map(Records::name).orElse("nobody");
      if (owner.equals(name)) {
        known.put(read.orElseThrow().key(), read.orElseThrow());
      } else {
        damaged(file, "it is of " + owner + ", which its name does not say");
      }
    } catch (JacksonException e) {
      damaged(file, String.valueOf(e.getOriginalMessage()));
    } catch (IOException e) {
      damaged(file, e.toString());
    }
  }

  private void damaged(Path file, String what) {
    unreadable.put(
        String.valueOf(file.getFileName()),
        "the attachment in "
            + file
            + " cannot be read, so it is neither checked nor shown; a DEL of its container removes it: "
            + what);
  }

  /**
   * A container's id has no colon, and neither has an interface's name; both just fit in a name.
   */
  private static String name(Attachment.Key key) {
    return key.container() + ":" + key.ifname();
  }

  Optional<Attachment> find(Attachment.Key key) {
    return Optional.ofNullable(known.get(key));
  }

  /** Whether there is a file of this attachment that could not be read. */
  boolean isDamaged(Attachment.Key key) {
    return unreadable.containsKey(name(key));
  }

  Collection<Attachment> all() {
    return known.values();
  }

  /** Writes an attachment, over what is there of it. */
  void put(Attachment attachment) {
    Path file = folder.resolve(name(attachment.key()));
    byte[] line = (Json.mapper().writeValueAsString(attachment) + "\n").getBytes(UTF_8);
    try {
      if (!known.containsKey(attachment.key()) || !append(file, line)) {
        create(file, line);
      }
    } catch (IOException e) {
      throw new AttachmentException("cannot write the attachment " + file + ": " + e, e);
    }
    known.put(attachment.key(), attachment);
    unreadable.remove(name(attachment.key()));
  }

  /** False when there is no file, or one that has grown long. */
  private static boolean append(Path file, byte[] line) throws IOException {
    try (SeekableByteChannel out =
        Files.newByteChannel(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
      return out.size() < LONG && out.write(ByteBuffer.wrap(line)) == line.length;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private void create(Path file, byte[] line) throws IOException {
    Path temporary = folder.resolve("." + temporaries.incrementAndGet() + ".tmp");
    // Somebody may have deleted the folder.
    Files.createDirectories(folder);
    DurableFile.replace(file, line, temporary, "rw-------", DurableFile.Sync.NO);
  }

  /** Forgets an attachment; one that is not there is forgotten. */
  void remove(Attachment.Key key) {
    Path file = folder.resolve(name(key));
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new AttachmentException("cannot remove the attachment " + file + ": " + e, e);
    }
    known.remove(key);
    unreadable.remove(name(key));
  }

  /** What could not be read, in words for a person. */
  List<String> problems() {
    return new ArrayList<>(unreadable.values());
  }
}
