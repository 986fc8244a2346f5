package io.denim.cni;

import java.util.Arrays;
import java.util.List;

/** A version of the specification that Denim speaks; in order of age. */
public enum CniVersion {
  V0_1_0("0.1.0"),
  V0_2_0("0.2.0"),
  /** Results have interfaces and any number of addresses. */
  V0_3_0("0.3.0"),
  V0_3_1("0.3.1"),
  /** CHECK; DEL gets the previous result. */
  V0_4_0("0.4.0"),
  V1_0_0("1.0.0"),
  /** GC and STATUS; results have MTUs and more of a route. */
  V1_1_0("1.1.0");

  private final String text;

  CniVersion(String text) {
    this.text = text;
  }

  /** As a configuration writes it. */
  public String text() {
    return text;
  }

  /** Whether this version is the other or a later one. */
  public boolean atLeast(CniVersion other) {
    return compareTo(other) >= 0;
  }

  /**
   * Reads a version; an empty text is 0.1.0, as for the reference library.
   *
   * @throws CniException with code 1 when Denim does not speak it
   */
  public static CniVersion parse(String text) {
    if (text.isEmpty()) {
      return V0_1_0;
    }
    for (CniVersion version : values()) {
      if (version.text.equals(text)) {
        return version;
      }
    }
    throw new CniException(
        CniException.Code.INCOMPATIBLE_VERSION,
        "cniVersion " + Excerpt.quoted(text) + " is not supported",
        "allowed are " + String.join(", ", supported()));
  }

  /** All versions, oldest first, as VERSION answers them. */
  public static List<String> supported() {
    return Arrays.stream(values()).map(CniVersion::text).toList();
  }
}
