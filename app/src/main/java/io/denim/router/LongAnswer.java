package io.denim.router;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/** An answer at the control socket that follows a first line as MRT records, until it is over. */
interface LongAnswer {
  /**
   * Sends it.
   *
   * @return how often records are missing
   * @throws IOException when who asked goes away
   */
  long send(SocketChannel client) throws IOException;
}
