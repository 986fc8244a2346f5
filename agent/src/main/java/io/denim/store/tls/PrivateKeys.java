package io.denim.store.tls;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Private keys in all forms that Go's {@code tls.X509KeyPair} takes, told apart by their content as
 * Go does, since labels lie: PKCS #8 (RFC 5208), PKCS #1 (RFC 8017 A.1.2) and SEC 1 (RFC 5915).
 * Java reads PKCS #8 only, so the other two get its envelope. Pure.
 */
public final class PrivateKeys {
  private static final String ALLOWED =
      "; allowed: an RSA, EC (P-256, P-384, P-521) or Ed25519 key as PRIVATE KEY, RSA PRIVATE KEY or"
          + " EC PRIVATE KEY, without a password";

  // Tags of X.690.
  private static final int INTEGER = 0x02;
  private static final int OCTET_STRING = 0x04;
  private static final int OBJECT_IDENTIFIER = 0x06;
  private static final int SEQUENCE = 0x30;
  private static final int CONTEXT_0 = 0xa0;

  // rsaEncryption 1.2.840.113549.1.1.1, id-ecPublicKey 1.2.840.10045.2.1, id-Ed25519 1.3.101.112.
  private static final byte[] RSA = HexFormat.of().parseHex("2a864886f70d010101");
  private static final byte[] EC = HexFormat.of().parseHex("2a8648ce3d0201");
  private static final byte[] ED25519 = HexFormat.of().parseHex("2b6570");

  private static final byte[] VERSION_0 = {INTEGER, 1, 0};
  private static final byte[] NULL = {5, 0};

  private PrivateKeys() {}

  /**
   * The first private key among the blocks.
   *
   * @throws IllegalArgumentException saying what is there instead, and what is allowed
   */
  public static PrivateKey first(List<Pem.Block> blocks) {
    for (Pem.Block block : blocks) {
      if (block.label().equals("PRIVATE KEY") || block.label().endsWith(" PRIVATE KEY")) {
        if (block.encrypted() || block.label().startsWith("ENCRYPTED")) {
          throw new IllegalArgumentException("the key is protected by a password" + ALLOWED);
        }
        return read(block.bytes());
      }
    }
    String found = blocks.isEmpty() ? "no PEM block" : labels(blocks);
    throw new IllegalArgumentException("there is no private key in it but " + found + ALLOWED);
  }

  /** What is in a file, for a message. */
  static String labels(List<Pem.Block> blocks) {
    return String.join(", ", blocks.stream().map(Pem.Block::label).distinct().toList());
  }

  private static PrivateKey read(byte[] der) {
    try {
      Der outer = new Der(ByteBuffer.wrap(der)).enter(SEQUENCE);
      outer.take(INTEGER);
      return switch (outer.peek()) {
        case INTEGER -> key("RSA", envelope(concat(tagged(OBJECT_IDENTIFIER, RSA), NULL), der));
        case OCTET_STRING -> {
          outer.take(OCTET_STRING);
          byte[] curve = outer.enter(CONTEXT_0).rest();
          yield key("EC", envelope(concat(tagged(OBJECT_IDENTIFIER, EC), curve), der));
        }
        case SEQUENCE -> key(algorithm(outer.enter(SEQUENCE).take(OBJECT_IDENTIFIER)), der);
        default -> throw new IllegalArgumentException("the key has an unknown form" + ALLOWED);
      };
    } catch (Der.MalformedException | GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "the private key is damaged (" + e.getMessage() + ")" + ALLOWED, e);
    }
  }

  private static String algorithm(byte[] identifier) {
    if (Arrays.equals(identifier, RSA)) {
      return "RSA";
    }
    if (Arrays.equals(identifier, EC)) {
      return "EC";
    }
    if (Arrays.equals(identifier, ED25519)) {
      return "Ed25519";
    }
    throw new IllegalArgumentException("the key is of an unknown algorithm" + ALLOWED);
  }

  private static PrivateKey key(String algorithm, byte[] pkcs8) throws GeneralSecurityException {
    try {
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    } catch (IllegalArgumentException | ArithmeticException | IllegalStateException e) {
      // What the JDK's parsers let through for numbers that make no sense.
      throw new GeneralSecurityException("its numbers make no " + algorithm + " key", e);
    }
  }

  /** PrivateKeyInfo of RFC 5208: version 0, the algorithm, the key in its own form. */
  private static byte[] envelope(byte[] algorithm, byte[] key) {
    return tagged(
        SEQUENCE,
        concat(concat(VERSION_0, tagged(SEQUENCE, algorithm)), tagged(OCTET_STRING, key)));
  }

  private static byte[] tagged(int tag, byte[] content) {
    int length = content.length;
    byte[] head =
        length < 0x80
            ? new byte[] {(byte) tag, (byte) length}
            : length < 0x100
                ? new byte[] {(byte) tag, (byte) 0x81, (byte) length}
                : new byte[] {
                  (byte) tag,
                  (byte) 0x83,
                  (byte) (length >> 16),
                  (byte) (length >> 8),
                  (byte) length
                };
    return concat(head, content);
  }

  private static byte[] concat(byte[] first, byte[] second) {
    return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
  }
}
