package io.denim.bgp.wire;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Why a session ends (RFC 4271 section 4.5). Immutable.
 *
 * <p>What a Cease of shutdown or reset says in words (RFC 9003) is shown as text only when it is
 * well-formed, and as hexadecimal otherwise: it is foreign and never a reason to fail.
 */
public final class Notification {
  private final int code;
  private final int subcode;
  private final byte[] data;

  private Notification(int code, int subcode, byte[] data) {
    this.code = code;
    this.subcode = subcode;
    this.data = data;
  }

  /** One with this data. */
  public static Notification of(int code, int subcode, byte... data) {
    return new Notification(code, subcode, data.clone());
  }

  /** The error code. */
  public int code() {
    return code;
  }

  /** The error subcode, 0 if there is none. */
  public int subcode() {
    return subcode;
  }

  /** The data, a new array each time. */
  public byte[] data() {
    return data.clone();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Notification notification
        && code == notification.code
        && subcode == notification.subcode
        && Arrays.equals(data, notification.data);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * code + subcode) + Arrays.hashCode(data);
  }
}
