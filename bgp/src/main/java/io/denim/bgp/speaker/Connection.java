package io.denim.bgp.speaker;

import io.denim.bgp.wire.Framer;
import io.denim.bgp.wire.Malformed;
import io.denim.bgp.wire.Notification;
import io.denim.bgp.wire.Open;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * One TCP connection with a peer, of which there may be two until one of them is the session: cuts
 * what comes into messages, and writes what is to leave, messages of the session itself before
 * routes. Used by the speaker's thread only.
 */
final class Connection {
  /** The states of RFC 4271 8.2.2 that have a connection. */
  enum State {
    /** TCP is not up yet. */
    CONNECT,
    OPEN_SENT,
    OPEN_CONFIRM,
    ESTABLISHED,
    /** Nothing is said or heard any more. */
    CLOSED
  }

  private static final byte[] NOTHING = new byte[0];

  private final SocketChannel channel;
  private final boolean dialled;
  private final Peer peer;

  /** Seldom more than one. */
  private final Deque<byte[]> control = new ArrayDeque<>(1);

  private @Nullable SelectionKey key;
  private @Nullable ByteBuffer begun;
  private State state;
  private byte[] pending = NOTHING;
  private int pendingLength;
  private int mostOctets = Framer.MAX_LENGTH;
  private @Nullable Open ours;
  private @Nullable Open received;
  private Watch.@Nullable Seen seen;
  private long holdUntil = Long.MAX_VALUE;
  private long lastProgress;
  private boolean blocked;

  Connection(SocketChannel channel, boolean dialled, Peer peer, long now) {
    this.channel = channel;
    this.dialled = dialled;
    this.peer = peer;
    state = dialled ? State.CONNECT : State.OPEN_SENT;
    lastProgress = now;
  }

  SocketChannel channel() {
    return channel;
  }

  /** Whether this side dialled. */
  boolean dialled() {
    return dialled;
  }

  State state() {
    return state;
  }

  void state(State now) {
    state = now;
  }

  void key(SelectionKey now) {
    key = now;
  }

  /** This side's OPEN, once it has been sent. */
  @Nullable Open ours() {
    return ours;
  }

  void open(Open open) {
    ours = open;
    send(open.encode());
  }

  /** The peer's OPEN, once it has come. */
  @Nullable Open received() {
    return received;
  }

  void received(Open open) {
    received = open;
  }

  /** What a monitor has been shown of it; null when nothing has. */
  Watch.@Nullable Seen seen() {
    return seen;
  }

  void seen(Watch.Seen now) {
    seen = now;
  }

  /** When the peer has been silent for too long. */
  long holdUntil() {
    return holdUntil;
  }

  void holdUntil(long now) {
    holdUntil = now;
  }

  /** Messages may be longer from now on (RFC 8654). */
  void extend() {
    mostOctets = Framer.MAX_EXTENDED_LENGTH;
  }

  Peer peer() {
    return peer;
  }

  /** Whether the selector has found that the socket takes more. */
  boolean isWritable() {
    SelectionKey registered = key;
    return registered != null && registered.isValid() && registered.isWritable();
  }

  /** Whether the socket takes nothing more for now. */
  boolean blocked() {
    return blocked;
  }

  /** When the socket took something last, or had all that there was. */
  long lastProgress() {
    return lastProgress;
  }

  /** Reads what there is, but not more than the buffer holds, and hands on whole messages. */
  void read(byte[] buffer) {
    int length = pendingLength;
    System.arraycopy(pending, 0, buffer, 0, length);
    int count;
    try {
      count = channel.read(ByteBuffer.wrap(buffer, length, buffer.length - length));
    } catch (IOException e) {
      peer.lost(this, "the connection broke: " + e.getMessage());
      return;
    }
    if (count > 0) {
      length += count;
      keep(buffer, take(buffer, length), length);
    }
    if (count < 0 && state != State.CLOSED) {
      peer.lost(this, "the peer closed the connection");
    }
  }

  /** Hands on the messages that are whole; gives where the rest begins. */
  private int take(byte[] buffer, int length) {
    int offset = 0;
    while (state != State.CLOSED && length - offset > 0) {
      int there = length - offset;
      try {
        int needed = Framer.needed(buffer, offset, there, mostOctets);
        if (needed > there) {
          break;
        }
        there = needed;
        peer.message(this, buffer, offset, needed);
      } catch (Malformed e) {
        peer.malformed(this, e, buffer, offset, there);
      }
      offset += there;
    }
    return offset;
  }

  private void keep(byte[] buffer, int offset, int end) {
    pendingLength = end - offset;
    if (pendingLength > pending.length) {
      pending = new byte[Math.max(pendingLength, 256)];
    }
    System.arraycopy(buffer, offset, pending, 0, pendingLength);
    if (pendingLength == 0 && pending.length > 256) {
      pending = NOTHING;
    }
  }

  /** Sends a message of the session's own as soon as it may. */
  void send(byte[] message) {
    control.add(message);
  }

  /** Sends the rest of a message that was begun, before anything else. */
  void sendFirst(ByteBuffer rest) {
    ByteBuffer copy = ByteBuffer.allocate(rest.remaining());
    copy.put(rest).flip();
    begun = copy;
  }

  /** Whether a message of the session's own waits, or has been sent in part. */
  boolean hasControl() {
    return begun != null || !control.isEmpty();
  }

  /**
   * Writes messages of the session's own.
   *
   * @return false when the socket takes no more
   */
  boolean writeControl(long now) throws IOException {
    while (begun != null || !control.isEmpty()) {
      ByteBuffer next = begun == null ? first() : begun;
      begun = next;
      if (!write(next, now)) {
        return false;
      }
      begun = null;
    }
    return true;
  }

  /** The next that is to leave: what a closing session drops has not been sent. */
  private ByteBuffer first() {
    byte[] next = control.remove();
    peer.watch().sent(this, next);
    peer.counters().sent(Framer.type(next, 0));
    return ByteBuffer.wrap(next);
  }

  /**
   * Writes a part of what is to leave.
   *
   * @return false when the socket took only some of it
   */
  boolean write(ByteBuffer bytes, long now) throws IOException {
    int count = channel.write(bytes);
    if (count > 0) {
      lastProgress = now;
    }
    boolean all = !bytes.hasRemaining();
    want(!all);
    return all;
  }

  /** All has been written: there was nothing that could have been late. */
  void idle(long now) {
    lastProgress = now;
    want(false);
  }

  private void want(boolean writable) {
    blocked = writable;
    SelectionKey registered = key;
    if (registered != null && registered.isValid()) {
      int ops = state == State.CONNECT ? SelectionKey.OP_CONNECT : SelectionKey.OP_READ;
      int wanted = writable ? ops | SelectionKey.OP_WRITE : ops;
      if (registered.interestOps() != wanted) {
        registered.interestOps(wanted);
      }
    }
  }

  /** Says goodbye as the last thing, if the socket takes it, and closes. */
  void close(Notification notification, Lingering lingering, long now) {
    if (state == State.CLOSED) {
      return;
    }
    boolean up = state != State.CONNECT;
    if (up) {
      peer.watch().sent(this, notification);
      peer.counters().sent(Framer.NOTIFICATION);
      peer.counters().notifies(notification, now);
    }
    state = State.CLOSED;
    SelectionKey registered = key;
    if (registered != null) {
      registered.cancel();
    }
    if (up) {
      try {
        ByteBuffer last = ByteBuffer.wrap(notification.encode());
        control.clear();
        if (writeControl(now)) {
          var _ = channel.write(last);
        }
        // A reset would destroy it on its way, so what the peer has sent is read to the end.
        lingering.add(channel, now);
        return;
      } catch (IOException e) {
        // Nobody is there to read it.
      }
    }
    drop();
  }

  /** Closes without a word. */
  void drop() {
    state = State.CLOSED;
    try {
      channel.close();
    } catch (IOException e) {
      // It is of no use any more, whatever the kernel says.
    }
  }
}
