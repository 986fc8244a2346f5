package io.denim.cni;

import java.util.List;
import java.util.Optional;

/** The configuration of one plugin, as a runtime writes it on stdin. */
public sealed interface PluginConfig
    permits BridgeConfig, FlannelPlugin, ChainedPortMap, ChainedBandwidth, LoopbackPlugin {
  /** The specification's version that the answer has to follow. */
  CniVersion version();

  /** The name of the network. */
  String name();

  /** The plugin that is called: one of {@link #TYPES}. */
  String type();

  /** {@code prevResult}: the result of the plugin before, or for CHECK and DEL of the whole ADD. */
  Optional<CniResult> previous();

  /** The attachments that GC leaves; empty when the configuration says nothing of them. */
  Optional<List<Attachment>> validAttachments();

  /** The plugins that Denim stands in for. */
  List<String> TYPES =
      List.of("denim-cni", "bridge", "flannel", "portmap", "bandwidth", "loopback");

  /**
   * What every configuration has.
   *
   * @param version the specification's version
   * @param name the name of the network
   * @param type the plugin that is called
   */
  record Header(CniVersion version, String name, String type) {
    /**
     * Reads no more than the header, so that a DEL can do its work and an error its answer when the
     * rest is wrong.
     *
     * @throws CniException with code 1, 6 or 7 when even the header is wrong
     */
    public static Header parse(String json) {
      return ConfigReader.header(ConfigReader.document(json));
    }
  }

  /**
   * Reads a configuration. Unknown keys are ignored.
   *
   * @throws CniException with code 1 for the version, 2 for a key that Denim does not act on, 6 for
   *     what is no JSON, 7 for a wrong value
   */
  static PluginConfig parse(String json) {
    return ConfigReader.read(ConfigReader.document(json));
  }
}
