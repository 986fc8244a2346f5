package io.denim.store.tls;

import java.nio.ByteBuffer;

/** Reads values of ASN.1 in their distinguished encoding (X.690), one behind another. */
final class Der {
  private final ByteBuffer bytes;

  Der(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  /** The bytes are not what they should be. */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
      super(message);
    }
  }

  /** The tag of the next value. */
  int peek() throws MalformedException {
    if (!bytes.hasRemaining()) {
      throw new MalformedException("it ends too soon");
    }
    return bytes.get(bytes.position()) & 0xff;
  }

  /** The content of the next value, which must have this tag. */
  byte[] take(int tag) throws MalformedException {
    return enter(tag).rest();
  }

  /** A reader of what is inside the next value, which must have this tag. */
  Der enter(int tag) throws MalformedException {
    int found = peek();
    if (found != tag) {
      throw new MalformedException("tag 0x%02x where 0x%02x should be".formatted(found, tag));
    }
    bytes.get();
    int length = length();
    if (length < 0 || length > bytes.remaining()) {
      throw new MalformedException("it is cut off");
    }
    ByteBuffer inside = bytes.slice(bytes.position(), length);
    bytes.position(bytes.position() + length);
    return new Der(inside);
  }

  private int length() throws MalformedException {
    int first = octet();
    if (first < 0x80) {
      return first;
    }
    int octets = first & 0x7f;
    if (octets == 0 || octets > 4) {
      throw new MalformedException("a length of " + octets + " octets");
    }
    int length = 0;
    for (int i = 0; i < octets; i++) {
      length = length << 8 | octet();
    }
    return length;
  }

  private int octet() throws MalformedException {
    int octet = peek();
    bytes.get();
    return octet;
  }

  /** What has not been read yet. */
  byte[] rest() {
    byte[] rest = new byte[bytes.remaining()];
    bytes.get(rest);
    return rest;
  }
}
