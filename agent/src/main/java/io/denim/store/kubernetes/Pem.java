package io.denim.store.kubernetes;

import io.denim.store.UnavailableException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Certificates and private keys in textual form (RFC 7468), in every shape that Go's crypto/tls
 * takes: keys as PKCS #8, RSA as PKCS #1 (RFC 8017), elliptic curves as SEC 1 (RFC 5915). A file
 * may hold several things, as kubelet-client-current.pem does.
 */
final class Pem {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);
  private static final String CERTIFICATE = "CERTIFICATE";
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "Ed25519");

  /** DER: version 0 and rsaEncryption with its NULL, the head of PKCS #8 around PKCS #1. */
  private static final byte[] RSA_HEAD =
      bytes(0x02, 1, 0, 0x30, 13, 0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 0x05, 0);

  /** DER: the object identifier id-ecPublicKey. */
  private static final byte[] EC_PUBLIC_KEY = bytes(0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 1);

  private static final int SEQUENCE = 0x30;
  private static final int OCTETS = 0x04;

  /** The tag [0] of SEC 1, in which the curve is named. */
  private static final int PARAMETERS = 0xa0;

  private static final class Block {
    private final String label;
    private final byte[] der;

    Block(String label, byte[] der) {
      this.label = label;
      this.der = der;
    }
  }

  private Pem() {}

  /**
   * The certificates in a text, in its order; at least one.
   *
   * @param where the text's name for messages
   */
  static List<X509Certificate> certificates(String text, String where) {
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      List<X509Certificate> found = new ArrayList<>();
      for (Block block : blocks(text, where)) {
        if (block.label.equals(CERTIFICATE)
            && factory.generateCertificate(new ByteArrayInputStream(block.der))
                instanceof X509Certificate certificate) {
          found.add(certificate);
        }
      }
      if (found.isEmpty()) {
        throw new UnavailableException(
            where + " holds no certificate; expected is -----BEGIN CERTIFICATE-----");
      }
      return found;
    } catch (CertificateException e) {
      throw new UnavailableException(where + " holds a certificate that cannot be read: " + e, e);
    }
  }

  /**
   * The private key in a text.
   *
   * @param where the text's name for messages
   */
  static PrivateKey key(String text, String where) {
    for (Block block : blocks(text, where)) {
      Optional<byte[]> pkcs8 =
          switch (block.label) {
            case "PRIVATE KEY" -> Optional.of(block.der);
            case "RSA PRIVATE KEY" -> Optional.of(wrap(RSA_HEAD, block.der));
            case "EC PRIVATE KEY" -> Optional.of(wrap(ecHead(block.der, where), block.der));
            case "ENCRYPTED PRIVATE KEY" ->
                throw new UnavailableException(
                    where + " holds an encrypted key, which nobody can open here; decrypt it");
            default -> Optional.empty();
          };
      if (pkcs8.isPresent()) {
        return key(pkcs8.get(), where);
      }
    }
    throw new UnavailableException(
        where + " holds no private key; expected is -----BEGIN PRIVATE KEY-----");
  }

  private static PrivateKey key(byte[] pkcs8, String where) {
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      } catch (InvalidKeySpecException e) {
        // Of another algorithm.
      } catch (GeneralSecurityException | RuntimeException e) {
        throw new UnavailableException(where + " holds a key that cannot be read: " + e, e);
      }
    }
    throw new UnavailableException(
        where + " holds a key that is none of " + String.join(", ", ALGORITHMS));
  }

  private static List<Block> blocks(String text, String where) {
    List<Block> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(text);
    while (matcher.find()) {
      // OpenSSL writes headers such as "Proc-Type: 4,ENCRYPTED" into the old forms.
      if (matcher.group(2).contains(":")) {
        throw new UnavailableException(where + " holds an encrypted key; decrypt it");
      }
      try {
        blocks.add(new Block(matcher.group(1), Base64.getMimeDecoder().decode(matcher.group(2))));
      } catch (IllegalArgumentException e) {
        throw new UnavailableException(where + " is damaged: " + e.getMessage(), e);
      }
    }
    return blocks;
  }

  /** PKCS #8: SEQUENCE { head, OCTET STRING { key } }. */
  private static byte[] wrap(byte[] head, byte[] key) {
    return der(SEQUENCE, concat(head, der(OCTETS, key)));
  }

  /** Version 0 and the algorithm with the curve that the key itself names. */
  private static byte[] ecHead(byte[] sec1, String where) {
    byte[] body = content(sec1, 0, where);
    int at = 0;
    while (at < body.length) {
      byte[] inner = content(body, at, where);
      if ((body[at] & 0xff) == PARAMETERS) {
        byte[] algorithm = der(SEQUENCE, concat(EC_PUBLIC_KEY, inner));
        return concat(bytes(0x02, 1, 0), algorithm);
      }
      at += der(0, inner).length;
    }
    throw new UnavailableException(
        where + " holds an EC key that does not name its curve; convert it with openssl pkcs8");
  }

  /** What is inside the element that begins here. */
  private static byte[] content(byte[] der, int at, String where) {
    int length = at + 1 < der.length ? der[at + 1] & 0xff : -1;
    int from = at + 2;
    if (length == 0x81 && from < der.length) {
      length = der[from] & 0xff;
      from++;
    } else if (length == 0x82 && from + 1 < der.length) {
      length = ((der[from] & 0xff) << 8) | (der[from + 1] & 0xff);
      from += 2;
    }
    if (length < 0 || from + length > der.length) {
      throw new UnavailableException(where + " holds a key that is cut off");
    }
    return Arrays.copyOfRange(der, from, from + length);
  }

  private static byte[] der(int tag, byte[] content) {
    int length = content.length;
    byte[] head =
        length < 0x80
            ? bytes(tag, length)
            : length < 0x100
                ? bytes(tag, 0x81, length)
                : bytes(tag, 0x82, length >> 8, length & 0xff);
    return concat(head, content);
  }

  private static byte[] concat(byte[] first, byte[] second) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(first.length + second.length);
    out.writeBytes(first);
    out.writeBytes(second);
    return out.toByteArray();
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
