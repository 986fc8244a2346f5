package io.denim.linux.netlink;

/** Octets that are no netlink message or not the one they say they are. */
public final class MalformedMessageException extends RuntimeException {
  /** Says what was wrong. */
  public MalformedMessageException(String message) {
    super(message);
  }
}
