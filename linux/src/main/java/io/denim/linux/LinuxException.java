package io.denim.linux;

import java.util.Optional;

/**
 * The kernel refused something. The message says what was attempted, what the kernel answered, and
 * what can be done.
 */
public final class LinuxException extends RuntimeException {
  private final int errno;
  private final String operation;
  private final String kernelText;

  /**
   * @param operation what was attempted, in words
   * @param errno the positive error number
   */
  public LinuxException(String operation, int errno) {
    this(operation, errno, "", "");
  }

  /**
   * @param operation what was attempted, in words
   * @param errno the positive error number
   * @param kernelText the kernel's own text (extended acknowledgement), empty when it gave none
   * @param attribute where in the request the kernel saw the fault, empty when it did not say
   */
  public LinuxException(String operation, int errno, String kernelText, String attribute) {
    super(
        "cannot "
            + operation
            + ": "
            + Errno.name(errno)
            + (kernelText.isEmpty() ? "" : " \"" + kernelText + "\"")
            + (attribute.isEmpty() ? "" : " at " + attribute)
            + advice(errno, kernelText));
    this.errno = errno;
    this.operation = operation;
    this.kernelText = kernelText;
  }

  private static String advice(int errno, String kernelText) {
    if (errno == Errno.EPERM) {
      return " (needs CAP_NET_ADMIN in the namespace)";
    }
    if (errno == Errno.EOPNOTSUPP && kernelText.contains("Unknown device type")) {
      return " (this kernel has no such kind of device; load its module with modprobe on the host)";
    }
    return "";
  }

  /** The error number, positive; see {@link Errno}. */
  public int errno() {
    return errno;
  }

  /** The name of the error number, such as ENOENT. */
  public String errnoName() {
    return Errno.name(errno);
  }

  /** What was attempted, in words. */
  public String operation() {
    return operation;
  }

  /** The kernel's own text, where it gave one. */
  public Optional<String> kernelText() {
    return kernelText.isEmpty() ? Optional.empty() : Optional.of(kernelText);
  }
}
