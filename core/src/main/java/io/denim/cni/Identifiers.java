package io.denim.cni;

import java.nio.charset.StandardCharsets;

/** The rules for the names that become names of files and devices. */
final class Identifiers {
  /**
   * NAME_MAX of linux/limits.h less a colon and an interface's name, because the journal of DELs
   * has a file {@code <container>:<interface>}.
   */
  static final int LONGEST = 239;

  /** What {@link #isIdentifier} allows, in words. */
  static final String IDENTIFIER =
      "letters, digits, _ . and -, beginning with a letter or a digit, at most "
          + LONGEST
          + " characters";

  /** IFNAMSIZ of linux/if.h without the closing NUL. */
  static final int LONGEST_INTERFACE = 15;

  /** What {@link #isInterfaceName} allows, in words. */
  static final String INTERFACE_NAME =
      "1 to "
          + LONGEST_INTERFACE
          + " octets without /, : and white space, and neither . nor .., such as eth0";

  private Identifiers() {}

  /** Whether this may be a container's id or a network's name (specification, section 2). */
  static boolean isIdentifier(String text) {
    if (text.isEmpty() || text.length() > LONGEST || !isLetterOrDigit(text.charAt(0))) {
      return false;
    }
    return text.chars().allMatch(c -> isLetterOrDigit(c) || c == '_' || c == '.' || c == '-');
  }

  private static boolean isLetterOrDigit(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  /** Whether the kernel takes this for a device's name (dev_valid_name of net/core/dev.c). */
  static boolean isInterfaceName(String text) {
    return !text.isEmpty()
        && text.getBytes(StandardCharsets.UTF_8).length <= LONGEST_INTERFACE
        && !text.equals(".")
        && !text.equals("..")
        && text.chars()
            .noneMatch(
                c -> c == '/' || c == ':' || c <= ' ' || c == 0x7f || Character.isSpaceChar(c));
  }
}
