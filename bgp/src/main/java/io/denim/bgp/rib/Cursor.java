package io.denim.bgp.rib;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How far a peer has come in what its group has to tell: first in an image, if it has one, then in
 * the log. It skips what is not for the peer. Only whole messages are ever begun; between {@link
 * #take} and {@link #sent} nothing may be appended.
 */
public final class Cursor {
  private final int peer;
  private final Log log;
  private @Nullable Log image;
  private Segment segment;
  private int message;
  private int position;
  private Segment logSegment;
  private int logMessage;
  private int logPosition;
  private long messages;

  /** A cursor at the end of a log, that has an image to read before. */
  Cursor(int peer, Log log, @Nullable Log image) {
    this.peer = peer;
    this.log = log;
    this.image = image;
    logSegment = log.last();
    logMessage = logSegment.count();
    logPosition = logSegment.bytes.position();
    logSegment.readers++;
    if (image == null) {
      segment = logSegment;
      message = logMessage;
      position = logPosition;
    } else {
      segment = image.first();
      segment.readers++;
    }
  }

  /** Whether it reads an image still. */
  public boolean inImage() {
    return image != null;
  }

  /** Whether no message has been sent in part. */
  public boolean atBoundary() {
    return position == (message == 0 ? 0 : segment.end(message - 1));
  }

  /** How many octets are still before it, whether they are for the peer or not. */
  public long lag() {
    Log reading = image;
    return reading == null
        ? log.end() - segment.start - position
        : reading.end() - segment.start - position + log.end() - logSegment.start - logPosition;
  }

  /** How many octets of the log it holds back. */
  public long held() {
    Segment in = image == null ? segment : logSegment;
    return log.end() - in.start;
  }

  /**
   * What is to be sent next, as a slice of whole messages, or of the rest of one that was begun;
   * empty when there is nothing. The end of an image is a border: what comes after it is given only
   * when asked again.
   *
   * @param most octets, unless a single message has more
   */
  public @Nullable ByteBuffer take(int most) {
    while (true) {
      if (atBoundary()) {
        skip();
      }
      if (message < segment.count()) {
        int end = segment.end(message);
        for (int m = message + 1;
            m < segment.count()
                && segment.end(m) - position <= most
                && Audience.includes(segment.audience(m), peer);
            m++) {
          end = segment.end(m);
        }
        return segment.bytes.slice(position, end - position);
      }
      Segment following = segment.next;
      if (following != null) {
        move(following);
      } else if (image != null) {
        endImage();
        return null;
      } else {
        return null;
      }
    }
  }

  private void skip() {
    while (message < segment.count() && !Audience.includes(segment.audience(message), peer)) {
      position = segment.end(message);
      message++;
    }
  }

  private void move(Segment following) {
    segment.readers--;
    following.readers++;
    segment = following;
    message = 0;
    position = 0;
    (image == null ? log : image).reclaim();
  }

  private void endImage() {
    Log done = Objects.requireNonNull(image);
    image = null;
    segment.readers--;
    done.reclaim();
    segment = logSegment;
    message = logMessage;
    position = logPosition;
  }

  /** So many octets of what {@link #take} gave have been sent. */
  public void sent(int octets) {
    position += octets;
    while (message < segment.count() && segment.end(message) <= position) {
      message++;
      messages++;
    }
  }

  /**
   * Copies of the whole messages that begin with the next so many octets, of what {@link #take}
   * gave; to be asked for before {@link #sent}. A message of which a part has been sent already is
   * not among them, so each is given once, however it is cut.
   */
  public List<byte[]> begun(int octets) {
    List<byte[]> whole = new ArrayList<>();
    int from = position;
    int next = message;
    if (!atBoundary()) {
      from = segment.end(next);
      next++;
    }
    while (from < position + octets) {
      byte[] copy = new byte[segment.end(next) - from];
      segment.bytes.get(from, copy);
      whole.add(copy);
      from = segment.end(next);
      next++;
    }
    return whole;
  }

  /** How many messages have been sent whole from this place, by {@link #sent}. */
  public long messages() {
    return messages;
  }

  /**
   * What is still to be sent of a message that was begun, which counts as sent with this; nothing
   * at a boundary.
   */
  public ByteBuffer rest() {
    int from = position;
    if (!atBoundary()) {
      position = segment.end(message);
      message++;
    }
    return segment.bytes.slice(from, position - from);
  }

  /**
   * A version of the table: what the log told until then is behind the cursor, or behind it as soon
   * as the image is.
   *
   * @param latest the version that the table has
   */
  int version(int latest) {
    Segment at = image == null ? segment : logSegment;
    int next = image == null ? message : logMessage;
    while (next == at.count()) {
      Segment following = at.next;
      if (following == null) {
        return latest;
      }
      at = following;
      next = 0;
    }
    return at.version(next);
  }

  /** Whether nothing is before it. */
  public boolean isDrained() {
    return image == null && lag() == 0;
  }

  /**
   * A cursor at the same place of the log, that has an image to read before. At a boundary only.
   */
  Cursor behind(Log inserted) {
    Cursor result = new Cursor(peer, log, inserted);
    result.logSegment.readers--;
    result.logSegment = image == null ? segment : logSegment;
    result.logMessage = image == null ? message : logMessage;
    result.logPosition = image == null ? position : logPosition;
    result.logSegment.readers++;
    return result;
  }

  /** Gives its place up. */
  void leave() {
    segment.readers--;
    if (image != null) {
      logSegment.readers--;
      image.reclaim();
    }
    log.reclaim();
  }
}
