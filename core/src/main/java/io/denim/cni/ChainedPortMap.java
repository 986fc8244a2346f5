package io.denim.cni;

import java.util.List;
import java.util.Optional;

/**
 * The plugin {@code portmap}, which makes ports of an interface that a plugin before it has made
 * reachable at the node.
 *
 * @param version the specification's version
 * @param name the name of the network
 * @param type {@code portmap}
 * @param snat whether connections that need it get the node as their source: those from the node
 *     itself and from the container to itself
 * @param portMappings the mappings of {@code runtimeConfig}
 * @param previous {@code prevResult}
 * @param validAttachments the attachments that GC leaves
 */
public record ChainedPortMap(
    CniVersion version,
    String name,
    String type,
    boolean snat,
    List<PortMapping> portMappings,
    Optional<CniResult> previous,
    Optional<List<Attachment>> validAttachments)
    implements PluginConfig {
  /** Copies the lists. */
  public ChainedPortMap {
    portMappings = List.copyOf(portMappings);
    validAttachments = validAttachments.map(List::copyOf);
  }
}
