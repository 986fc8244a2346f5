package io.denim.linux;

import java.util.Map;

/** Error numbers of the kernel (asm-generic/errno-base.h, errno.h). */
public final class Errno {
  /** Operation not permitted. */
  public static final int EPERM = 1;

  /** No such file, object or entry. */
  public static final int ENOENT = 2;

  /** No such route or process. */
  public static final int ESRCH = 3;

  /** Interrupted by a signal. */
  public static final int EINTR = 4;

  /** Would block. */
  public static final int EAGAIN = 11;

  /** The permissions do not allow it. */
  public static final int EACCES = 13;

  /** Busy: still referred to. */
  public static final int EBUSY = 16;

  /** Exists already. */
  public static final int EEXIST = 17;

  /** No such device. */
  public static final int ENODEV = 19;

  /** Invalid argument. */
  public static final int EINVAL = 22;

  /** Too many open files in this process. */
  public static final int EMFILE = 24;

  /** Not a device or file that knows this ioctl. */
  public static final int ENOTTY = 25;

  /** A file system that is only to be read. */
  public static final int EROFS = 30;

  /** Nobody reads at the other end. */
  public static final int EPIPE = 32;

  /** Out of range. */
  public static final int ERANGE = 34;

  /** Interrupted transaction: the state has changed meanwhile. */
  public static final int ERESTART = 85;

  /** A socket of another type. */
  public static final int EPROTOTYPE = 91;

  /** Not supported. */
  public static final int EOPNOTSUPP = 95;

  /** Address in use. */
  public static final int EADDRINUSE = 98;

  /** Address not available. */
  public static final int EADDRNOTAVAIL = 99;

  /** Network is down. */
  public static final int ENETDOWN = 100;

  /** Network is unreachable. */
  public static final int ENETUNREACH = 101;

  /** Connection aborted before it was accepted. */
  public static final int ECONNABORTED = 103;

  /** Connection reset by the other end. */
  public static final int ECONNRESET = 104;

  /** No buffer space: messages were lost. */
  public static final int ENOBUFS = 105;

  /** Nobody listens. */
  public static final int ECONNREFUSED = 111;

  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(EPERM, "EPERM"),
          Map.entry(ENOENT, "ENOENT"),
          Map.entry(ESRCH, "ESRCH"),
          Map.entry(EINTR, "EINTR"),
          Map.entry(EAGAIN, "EAGAIN"),
          Map.entry(12, "ENOMEM"),
          Map.entry(EACCES, "EACCES"),
          Map.entry(EBUSY, "EBUSY"),
          Map.entry(EEXIST, "EEXIST"),
          Map.entry(ENODEV, "ENODEV"),
          Map.entry(EINVAL, "EINVAL"),
          Map.entry(EMFILE, "EMFILE"),
          Map.entry(ENOTTY, "ENOTTY"),
          Map.entry(EROFS, "EROFS"),
          Map.entry(EPIPE, "EPIPE"),
          Map.entry(ERANGE, "ERANGE"),
          Map.entry(ERESTART, "ERESTART"),
          Map.entry(90, "EMSGSIZE"),
          Map.entry(EPROTOTYPE, "EPROTOTYPE"),
          Map.entry(EOPNOTSUPP, "EOPNOTSUPP"),
          Map.entry(EADDRINUSE, "EADDRINUSE"),
          Map.entry(EADDRNOTAVAIL, "EADDRNOTAVAIL"),
          Map.entry(ENETDOWN, "ENETDOWN"),
          Map.entry(ENETUNREACH, "ENETUNREACH"),
          Map.entry(ECONNABORTED, "ECONNABORTED"),
          Map.entry(ECONNRESET, "ECONNRESET"),
          Map.entry(ENOBUFS, "ENOBUFS"),
          Map.entry(107, "ENOTCONN"),
          Map.entry(ECONNREFUSED, "ECONNREFUSED"),
          Map.entry(113, "EHOSTUNREACH"));

  private Errno() {}

  /** The name of an error number, or {@code errno N} for one that Denim has not met. */
  public static String name(int errno) {
    return NAMES.getOrDefault(errno, "errno " + errno);
  }
}
