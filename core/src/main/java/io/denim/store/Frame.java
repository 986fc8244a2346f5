package io.denim.store;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The unit of a journal: what is written by one system call and made durable by one fsync, so that
 * a crash leaves at most the last frame of a file unfinished.
 *
 * <pre>
 * u32 magic "DJ01" | u32 length of the payload | u32 CRC32C of length and payload | payload
 * payload: 'H' i64 i64 journal's identity, i64 base revision
 *        | 'C' changes: u8 1 put | 2 delete, i64 revision, u16+text collection, u16+text name,
 *          and for a put: i64 deadline, u32+text value
 * </pre>
 *
 * Numbers are big endian, texts UTF-8.
 */
sealed interface Frame {
  /** "DJ", format 01. */
  int MAGIC = 0x444a_3031;

  /** Magic, length and checksum. */
  int OVERHEAD = 12;

  /** Longer payloads are never written, so a greater length is damage. */
  int LONGEST = 64 << 20;

  /**
   * The first frame of a journal.
   *
   * @param idHigh half of the random number that tells one store from another
   * @param idLow the other half
   * @param base changes up to this revision are folded into the puts that follow; those after it
   *     are the history
   */
  record Head(long idHigh, long idLow, long base) implements Frame {
    /** Whether the other head belongs to the same store. */
    boolean sameStore(Head other) {
      return idHigh == other.idHigh && idLow == other.idLow;
    }
  }

  /** Changes that were committed together. */
  record Changes(List<Change> changes) implements Frame {}

  /** The bytes end within a frame. */
  record Unfinished() implements Frame {}

  /** The bytes are no frame. */
  record Damaged(String reason) implements Frame {}

  /** Head as bytes, ready to be written. */
  static ByteBuffer encode(Head head) {
    ByteBuffer out = ByteBuffer.allocate(OVERHEAD + 25);
    out.position(OVERHEAD);
    out.put((byte) 'H').putLong(head.idHigh).putLong(head.idLow).putLong(head.base);
    return seal(out);
  }

  /** Changes as bytes, ready to be written. */
  static ByteBuffer encode(List<Change> changes) {
    List<byte[]> texts = new ArrayList<>(changes.size() * 3);
    int size = OVERHEAD + 1;
    for (Change change : changes) {
      size += 1 + 8 + 2 + 2 + text(texts, change.key().collection());
      size += text(texts, change.key().name());
      if (change instanceof Change.Put put) {
        size += 8 + 4 + text(texts, put.value());
      }
    }
    ByteBuffer out = ByteBuffer.allocate(size);
    out.position(OVERHEAD);
    out.put((byte) 'C');
    int next = 0;
    for (Change change : changes) {
      out.put((byte) (change instanceof Change.Put ? 1 : 2)).putLong(change.revision());
      for (int i = 0; i < 2; i++) {
        byte[] text = texts.get(next++);
        out.putShort((short) text.length).put(text);
      }
      if (change instanceof Change.Put put) {
        byte[] value = texts.get(next++);
        out.putLong(put.deadline()).putInt(value.length).put(value);
      }
    }
    return seal(out);
  }

  private static int text(List<byte[]> texts, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    texts.add(bytes);
    return bytes.length;
  }

  /** Fills in what stands before the payload of a frame that has been written up to its end. */
  static ByteBuffer seal(ByteBuffer frame) {
    frame.flip();
    int length = frame.limit() - OVERHEAD;
    frame.putInt(0, MAGIC).putInt(4, length).putInt(8, checksum(frame, 0, length));
    return frame;
  }

  private static int checksum(ByteBuffer bytes, int start, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.slice(start + 4, 4));
    crc.update(bytes.slice(start + OVERHEAD, length));
    return (int) crc.getValue();
  }

  /** Reads the frame at the buffer's position and moves it behind it, or leaves it there. */
  static Frame decode(ByteBuffer in) {
    if (in.remaining() < OVERHEAD) {
      return new Unfinished();
    }
    int start = in.position();
    int magic = in.getInt(start);
    int length = in.getInt(start + 4);
    if (magic != MAGIC) {
      return new Damaged("no frame begins here (found %08x)".formatted(magic));
    }
    if (length < 1 || length > LONGEST) {
      return new Damaged("a frame of " + Integer.toUnsignedString(length) + " bytes");
    }
    if (in.remaining() < OVERHEAD + length) {
      return new Unfinished();
    }
    if (checksum(in, start, length) != in.getInt(start + 8)) {
      return new Damaged("the checksum of a frame of " + length + " bytes does not match");
    }
    Frame frame = payload(in.slice(start + OVERHEAD, length));
    if (!(frame instanceof Damaged)) {
      in.position(start + OVERHEAD + length);
    }
    return frame;
  }

  private static Frame payload(ByteBuffer in) {
    byte kind = in.get();
    return switch (kind) {
      case 'H' ->
          in.remaining() == 24
              ? new Head(in.getLong(), in.getLong(), in.getLong())
              : new Damaged("a head of " + in.remaining() + " bytes");
      case 'C' -> changes(in);
      default -> new Damaged("a frame of the unknown kind " + kind);
    };
  }

  private static Frame changes(ByteBuffer in) {
    List<Change> changes = new ArrayList<>();
    while (in.hasRemaining()) {
      Frame damage = change(in, changes);
      if (damage instanceof Damaged) {
        return damage;
      }
    }
    return new Changes(List.copyOf(changes));
  }

  /** Reads one change; gives what is wrong with it, or anything else. */
  private static Frame change(ByteBuffer in, List<Change> changes) {
    Damaged tooShort = new Damaged("a change that ends early");
    if (in.remaining() < 11) {
      return tooShort;
    }
    byte kind = in.get();
    long revision = in.getLong();
    try {
      int collection = Short.toUnsignedInt(in.getShort());
      if (in.remaining() < collection + 2) {
        return tooShort;
      }
      String path = text(in, collection);
      int name = Short.toUnsignedInt(in.getShort());
      if (in.remaining() < name) {
        return tooShort;
      }
      Key key = new Key(path, text(in, name));
      if (kind == 2) {
        changes.add(new Change.Delete(key, revision));
        return new Unfinished();
      }
      if (kind != 1 || in.remaining() < 12) {
        return kind == 1 ? tooShort : new Damaged("a change of the unknown kind " + kind);
      }
      long deadline = in.getLong();
      int value = in.getInt();
      if (value < 0 || in.remaining() < value) {
        return tooShort;
      }
      changes.add(new Change.Put(key, text(in, value), revision, deadline));
      return new Unfinished();
    } catch (CharacterCodingException | IllegalArgumentException e) {
      return new Damaged("a key or a value that cannot be: " + e.getMessage());
    }
  }

  private static String text(ByteBuffer in, int length) throws CharacterCodingException {
    byte[] bytes = new byte[length];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
