package io.denim.bgp.mrt;

/** A file is not what MRT says: at which octet, and why. */
public final class MrtException extends RuntimeException {
  private final long offset;

  MrtException(long offset, String words) {
    super("octet " + offset + " of the MRT file: " + words);
    this.offset = offset;
  }

  /** Where in the file, from 0. */
  public long offset() {
    return offset;
  }
}
