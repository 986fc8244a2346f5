package io.denim.cni;

import java.util.List;
import java.util.Optional;

/**
 * The plugin {@code bandwidth}, which limits the traffic of an interface that a plugin before it
 * has made.
 *
 * @param version the specification's version
 * @param name the name of the network
 * @param type {@code bandwidth}
 * @param bandwidth the limits: of the configuration itself, else of {@code runtimeConfig}, else of
 *     the pod's annotations; empty for none
 * @param previous {@code prevResult}
 * @param validAttachments the attachments that GC leaves
 */
public record ChainedBandwidth(
    CniVersion version,
    String name,
    String type,
    Optional<Bandwidth> bandwidth,
    Optional<CniResult> previous,
    Optional<List<Attachment>> validAttachments)
    implements PluginConfig {
  /** Copies the list. */
  public ChainedBandwidth {
    validAttachments = validAttachments.map(List::copyOf);
  }
}
