package io.denim.store.kubernetes;

import io.denim.store.Key;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The names of ConfigMaps for keys. A name in Kubernetes knows lower-case letters, digits, {@code
 * -} and {@code .} alone, so every other byte, and the letter x, is written as x and two
 * hexadecimal digits; what stays too long is a hash. Different keys have different names: {@code
 * x-} between collection and name is no such escape, nor is {@code x--} before a hash.
 */
final class ConfigMapNames {
  private static final int LONGEST_NAME = 253;
  private static final int LONGEST_LABEL = 63;

  /** Stands for the empty collection, which no escape looks like. */
  private static final String EMPTY = "x";

  private static final String HASHED = "x--";

  private ConfigMapNames() {}

  /** The name of the ConfigMap of a key. */
  static String name(Key key) {
    String collection = key.collection().isEmpty() ? "" : escape(key.collection()) + "-";
    String name = collection + "x-" + escape(key.name());
    return name.length() <= LONGEST_NAME
        ? name
        : HASHED + hash(key.collection().length() + " " + key);
  }

  /** The value of the label that all ConfigMaps of a collection have. */
  static String label(String collection) {
    String label = collection.isEmpty() ? EMPTY : escape(collection);
    return label.length() <= LONGEST_LABEL
        ? label
        : HASHED + hash(collection).substring(0, LONGEST_LABEL - HASHED.length());
  }

  private static String escape(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    StringBuilder out = new StringBuilder(bytes.length + 16);
    for (int i = 0; i < bytes.length; i++) {
      // A dash or a dot stands between letters or digits.
      boolean plain =
          isPlain(bytes, i)
              || ((bytes[i] == '-' || bytes[i] == '.')
                  && isPlain(bytes, i - 1)
                  && isPlain(bytes, i + 1));
      if (plain) {
        out.append((char) bytes[i]);
      } else {
        out.append(String.format(Locale.ROOT, "x%02x", bytes[i] & 0xff));
      }
    }
    return out.toString();
  }

  private static boolean isPlain(byte[] bytes, int i) {
    return i >= 0
        && i < bytes.length
        && bytes[i] != 'x'
        && ((bytes[i] >= 'a' && bytes[i] <= 'z') || (bytes[i] >= '0' && bytes[i] <= '9'));
  }

  private static String hash(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
