package io.denim.cni;

/**
 * An interface of a container, as GC names it.
 *
 * @param containerId the container as the runtime names it
 * @param ifname the interface in the container
 */
public record Attachment(String containerId, String ifname) {
  /** The key of the list of attachments that GC leaves. */
  static final String KEY = "cni.dev/valid-attachments";

  /** Its name in the specification's tag 1.1.0; libcni writes both. */
  static final String OLD_KEY = "cni.dev/attachments";
}
