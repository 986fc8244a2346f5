package io.denim.cni;

import java.util.List;
import java.util.Optional;

/**
 * The plugin {@code loopback}, which takes {@code lo} up.
 *
 * @param version the specification's version
 * @param name the name of the network
 * @param type {@code loopback}
 * @param previous {@code prevResult}
 * @param validAttachments the attachments that GC leaves
 */
public record LoopbackPlugin(
    CniVersion version,
    String name,
    String type,
    Optional<CniResult> previous,
    Optional<List<Attachment>> validAttachments)
    implements PluginConfig {
  /** Copies the list. */
  public LoopbackPlugin {
    validAttachments = validAttachments.map(List::copyOf);
  }
}
