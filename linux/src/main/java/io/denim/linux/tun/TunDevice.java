package io.denim.linux.tun;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.denim.linux.Errno;
import io.denim.linux.Libc;
import io.denim.linux.LinuxException;
import io.denim.linux.ns.Namespace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * A TUN device: IP packets without a link header. One thread reads and one writes; each packet is
 * copied once between the kernel and a native buffer and once into an array.
 */
public final class TunDevice implements AutoCloseable {
  private static final long TUNSETIFF = 0x400454caL;
  private static final long TUNSETPERSIST = 0x400454cbL;
  private static final int IFF_TUN = 1;
  private static final int IFF_NO_PI = 0x1000;
  private static final int IFREQ = 40;
  private static final int IFNAMSIZ = 16;
  private static final int LARGEST_PACKET = 65_535;

  private final Arena arena = Arena.ofShared();
  private final Libc.CallState readState = new Libc.CallState(arena);
  private final Libc.CallState writeState = new Libc.CallState(arena);
  private final MemorySegment readBuffer = arena.allocate(LARGEST_PACKET);
  private final MemorySegment writeBuffer = arena.allocate(LARGEST_PACKET);
  private final MemorySegment pollfd = arena.allocate(8, 4);
  private final String name;
  private final int fd;

  private TunDevice(String name) {
    this.name = name;
    int flags = Libc.O_RDWR | Libc.O_CLOEXEC | Libc.O_NONBLOCK;
    fd = Libc.openat(readState, Libc.AT_FDCWD, "/dev/net/tun", flags);
    check("open /dev/net/tun for " + name, fd);
    MemorySegment request = arena.allocate(IFREQ, 8);
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    if (text.length >= IFNAMSIZ) {
      throw new IllegalArgumentException(
          "a device name has at most 15 octets, got \"" + name + "\"");
    }
    MemorySegment.copy(text, 0, request, JAVA_BYTE, 0, text.length);
    request.set(JAVA_SHORT, IFNAMSIZ, (short) (IFF_TUN | IFF_NO_PI));
    check("make tun device " + name, Libc.ioctl(readState, fd, TUNSETIFF, request));
    pollfd.set(JAVA_INT, 0, fd);
    pollfd.set(JAVA_SHORT, 4, (short) Libc.POLLIN);
  }

  /**
   * Makes the device in a namespace, or takes hold of the persistent one of this name.
   *
   * @throws LinuxException EBUSY when another program holds it, EPERM without CAP_NET_ADMIN
   */
  public static TunDevice open(Namespace namespace, String name) {
    return namespace.call(() -> new TunDevice(name));
  }

  private void check(String operation, long result) {
    if (result < 0) {
      throw new LinuxException(operation, (int) -result);
    }
  }

  /** The device's name. */
  public String name() {
    return name;
  }

  /** Lets the device outlive this program, or not. */
  public void persist(boolean on) {
    MemorySegment value = MemorySegment.ofAddress(on ? 1 : 0);
    check(
        "make tun device " + name + " persistent", Libc.ioctl(readState, fd, TUNSETPERSIST, value));
  }

  /** The next packet that the kernel sends through the device; empty when none came in time. */
  public Optional<byte[]> read(Duration timeout) {
    if (Libc.poll(readState, pollfd, 1, (int) timeout.toMillis()) <= 0) {
      return Optional.empty();
    }
    long count = Libc.read(readState, fd, readBuffer);
    if (count == -Errno.EAGAIN || count == -Errno.EINTR) {
      return Optional.empty();
    }
    check("read from tun device " + name, count);
    return Optional.of(readBuffer.asSlice(0, count).toArray(JAVA_BYTE));
  }

  /** Gives the kernel a packet that came in by the device. */
  public void write(byte[] packet) {
    MemorySegment.copy(packet, 0, writeBuffer, JAVA_BYTE, 0, packet.length);
    check(
        "write to tun device " + name,
        Libc.write(writeState, fd, writeBuffer.asSlice(0, packet.length)));
  }

  /**
   * Ends the hold on the device; one that is not persistent goes. No thread may be inside another
   * method.
   */
  @Override
  public void close() {
    Libc.close(readState, fd);
    arena.close();
  }
}
