package io.denim.store.tls;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Reads the blocks of a PEM file (RFC 7468) as leniently as Go's encoding/pem: text before, between
 * and behind blocks is skipped, lines may end with CR LF and have blanks around them, and headers
 * (RFC 1421) are allowed. Pure.
 */
public final class Pem {
  private static final String BEGIN = "-----BEGIN ";
  private static final String END = "-----END ";
  private static final String DASHES = "-----";

  private Pem() {}

  /**
   * A block.
   *
   * @param label such as {@code CERTIFICATE} or {@code RSA PRIVATE KEY}
   * @param encrypted whether its headers say that a password protects it
   * @param bytes what it holds
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on at once, never compared
  public record Block(String label, boolean encrypted, byte[] bytes) {}

  /** All blocks that are whole, in their order; what is no block is not looked at. */
  public static List<Block> blocks(String text) {
    List<Block> blocks = new ArrayList<>();
    List<String> body = new ArrayList<>();
    String label = "";
    for (String each : text.lines().map(String::strip).toList()) {
      if (each.startsWith(BEGIN) && each.endsWith(DASHES) && each.length() > BEGIN.length() + 5) {
        label = each.substring(BEGIN.length(), each.length() - DASHES.length());
        body.clear();
      } else if (!label.isEmpty() && each.equals(END + label + DASHES)) {
        add(blocks, label, body);
        label = "";
      } else if (!label.isEmpty()) {
        body.add(each);
      }
    }
    return blocks;
  }

  private static void add(List<Block> blocks, String label, List<String> body) {
    boolean encrypted = false;
    StringBuilder base64 = new StringBuilder();
    for (String line : body) {
      if (line.indexOf(':') < 0) {
        base64.append(line);
      } else {
        encrypted |= line.startsWith("Proc-Type:") && line.contains("ENCRYPTED");
        // A long header goes on in the next lines, until the empty one in front of the data.
        base64.setLength(0);
      }
    }
    try {
      byte[] bytes = encrypted ? new byte[0] : Base64.getDecoder().decode(base64.toString());
      blocks.add(new Block(label, encrypted, bytes));
    } catch (IllegalArgumentException e) {
      // No base64, so no block; what is missing is told by who looks for it.
    }
  }
}
