package io.denim.linux.netlink;

import java.util.function.Consumer;

/** One netlink request: an immutable value that can write itself and be told in words. */
public interface Request {
  /** The message type, such as RTM_NEWROUTE. */
  int type();

  /** Flags beside REQUEST, which the socket adds. */
  int flags();

  /** Writes the family header and the attributes. */
  void encode(MessageWriter writer);

  /** In words, beginning with a verb: {@code replace route 10.244.2.0/24 via 10.244.2.0}. */
  String describe();

  /** A request made of its parts. */
  static Request of(int type, int flags, Consumer<MessageWriter> body, String describe) {
    return new Nl.Message(type, flags, body, describe);
  }
}
