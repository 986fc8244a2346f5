package io.denim.cni;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What a runtime wants of a plugin: {@code CNI_COMMAND}. */
public enum Verb {
  /** Attach a container to the network. */
  ADD(CniVersion.V0_1_0),
  /** Tell whether an attachment is as it was made. */
  CHECK(CniVersion.V0_4_0),
  /** Detach a container, as far as it is attached. */
  DEL(CniVersion.V0_1_0),
  /** Detach all containers of a network but those that are named. */
  GC(CniVersion.V1_1_0),
  /** Tell whether an ADD would succeed. */
  STATUS(CniVersion.V1_1_0),
  /** Tell the versions that are spoken. */
  VERSION(CniVersion.V0_1_0);

  private final CniVersion since;

  Verb(CniVersion since) {
    this.since = since;
  }

  /**
   * Reads {@code CNI_COMMAND}.
   *
   * @throws CniException with code 4 for another word
   */
  public static Verb parse(String text) {
    for (Verb verb : values()) {
      if (verb.name().equals(text)) {
        return verb;
      }
    }
    throw new CniException(
        CniException.Code.INVALID_ENVIRONMENT,
        "CNI_COMMAND is "
            + Excerpt.quoted(text)
            + "; allowed are "
            + Arrays.stream(values()).map(Verb::name).collect(Collectors.joining(", ")));
  }

  /**
   * Checks that a configuration of this version may be used with this verb.
   *
   * @throws CniException with code 1 when the verb is younger
   */
  public void requireIn(CniVersion version) {
    if (!version.atLeast(since)) {
      throw new CniException(
          CniException.Code.INCOMPATIBLE_VERSION,
          this + " is not part of cniVersion " + version.text(),
          "it came with " + since.text() + "; write that or a later cniVersion");
    }
  }
}
