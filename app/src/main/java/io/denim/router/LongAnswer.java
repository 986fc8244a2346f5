package io.denim.router;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/** An answer at the control socket that follows a first line as octets, until it is over. */
interface LongAnswer {
  /**
   * Sends it.
   *
   * @throws IOException when who asked goes away
   */
  void send(SocketChannel client) throws IOException;
}
