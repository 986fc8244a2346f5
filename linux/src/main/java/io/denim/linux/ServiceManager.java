package io.denim.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * Tells the service manager how a service is (sd_notify(3)): one datagram to the socket that
 * NOTIFY_SOCKET names.
 */
public final class ServiceManager {
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int LONGEST_PATH = 107;

  private ServiceManager() {}

  /**
   * Sends a state such as {@code READY=1}.
   *
   * @param socket the path of the socket, or {@code @} and the name of an abstract one
   * @throws LinuxException when nobody listens there
   */
  public static void notify(String socket, String state) {
    byte[] path = socket.getBytes(StandardCharsets.UTF_8);
    if (path.length > LONGEST_PATH) {
      throw new IllegalArgumentException(
          "NOTIFY_SOCKET has at most " + LONGEST_PATH + " octets, got \"" + socket + "\"");
    }
    try (Arena arena = Arena.ofConfined()) {
      var call = new Libc.CallState(arena);
      int fd = Libc.socket(call, AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
      check("open a Unix socket", fd);
      MemorySegment address = arena.allocate(2 + path.length, 2);
      address.set(JAVA_SHORT, 0, (short) AF_UNIX);
      MemorySegment.copy(path, 0, address, JAVA_BYTE, 2, path.length);
      if (path.length > 0 && path[0] == '@') {
        address.set(JAVA_BYTE, 2, (byte) 0);
      }
      byte[] text = state.getBytes(StandardCharsets.UTF_8);
      long sent = Libc.sendto(call, fd, arena.allocateFrom(JAVA_BYTE, text), 0, address);
      Libc.close(call, fd);
      check("send \"" + state + "\" to " + socket, sent);
    }
  }

  private static void check(String operation, long result) {
    if (result < 0) {
      throw new LinuxException(operation, (int) -result);
    }
  }
}
