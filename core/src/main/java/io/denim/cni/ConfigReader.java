package io.denim.cni;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Reads what all configurations have, and those that have little more. */
final class ConfigReader {
  private static final String NO_MARKS =
      "Denim maps ports in nftables without marks and chains of others; leave the key out";

  private ConfigReader() {}

  static Keys document(String json) {
    return Keys.document("the network configuration", json);
  }

  static PluginConfig.Header header(Keys keys) {
    CniVersion version = keys.text("cniVersion").map(CniVersion::parse).orElse(CniVersion.V0_1_0);
    String name =
        keys.parsed(
                "name",
                text -> Optional.of(text).filter(Identifiers::isIdentifier),
                Identifiers.IDENTIFIER)
            .orElseThrow(() -> missing("name", Identifiers.IDENTIFIER));
    String types = String.join(", ", PluginConfig.TYPES);
    String type =
        keys.parsed("type", text -> Optional.of(text).filter(PluginConfig.TYPES::contains), types)
            .orElseThrow(() -> missing("type", types));
    return new PluginConfig.Header(version, name, type);
  }

  private static CniException missing(String key, String allowed) {
    return new CniException(
        CniException.Code.INVALID_CONFIG, key + " is missing; allowed is " + allowed);
  }

  static PluginConfig read(Keys keys) {
    PluginConfig.Header header = header(keys);
    keys.object("capabilities");
    return switch (header.type()) {
      case "flannel" -> FlannelPlugin.read(header, keys);
      case "portmap" -> portMap(header, keys);
      case "bandwidth" -> bandwidth(header, keys);
      case "loopback" ->
          new LoopbackPlugin(
              header.version(),
              header.name(),
              header.type(),
              previous(header, keys),
              attachments(keys));
      default -> BridgeReader.read(header, keys);
    };
  }

  /** {@code prevResult}. */
  static Optional<CniResult> previous(PluginConfig.Header header, Keys keys) {
    return keys.object("prevResult").map(result -> ResultReader.read(result, header.version()));
  }

  /** The attachments that GC leaves; {@code null} is a list without any. */
  static Optional<List<Attachment>> attachments(Keys keys) {
    for (String key : List.of(Attachment.KEY, Attachment.OLD_KEY)) {
      if (keys.has(key)) {
        List<Attachment> attachments = new ArrayList<>();
        for (Value value : keys.list(key)) {
          attachments.add(
              new Attachment(
                  required(value, "containerID", Identifiers::isIdentifier, Identifiers.IDENTIFIER),
                  required(
                      value, "ifname", Identifiers::isInterfaceName, Identifiers.INTERFACE_NAME)));
        }
        return Optional.of(attachments);
      }
    }
    return Optional.empty();
  }

  private static String required(Value value, String key, Predicate<String> valid, String allowed) {
    return value
        .object()
        .parsed(key, text -> Optional.of(text).filter(valid), allowed)
        .orElseThrow(() -> value.wrong(key + " is missing; allowed is " + allowed));
  }

  private static final String NO_MASQUERADE_OF_ALL =
      "Denim keeps the source address of what comes from outside; leave the key out";

  private static ChainedPortMap portMap(PluginConfig.Header header, Keys keys) {
    keys.parsed("backend", ConfigReader::backend, BACKENDS);
    for (String key :
        List.of("markMasqBit", "externalSetMarkChain", "conditionsV4", "conditionsV6")) {
      keys.value(key)
          .filter(value -> !value.node().isArray() || !value.node().isEmpty())
          .ifPresent(value -> {
            throw value.unsupported(NO_MARKS);
          });
    }
    if (keys.bool("masqAll").orElse(false)) {
      throw keys.value("masqAll").orElseThrow().unsupported(NO_MASQUERADE_OF_ALL);
    }
    return new ChainedPortMap(
        header.version(),
        header.name(),
        header.type(),
        keys.bool("snat").orElse(true),
        RuntimeConfig.read(keys).portMappings(),
        previous(header, keys),
        attachments(keys));
  }

  /** What {@link #backend} allows, in words. */
  static final String BACKENDS = "iptables or nftables (Denim uses nftables for both)";

  /** The way of the reference plugins to change the firewall. */
  static Optional<String> backend(String text) {
    return Optional.of(text).filter(List.of("iptables", "nftables")::contains);
  }

  private static ChainedBandwidth bandwidth(PluginConfig.Header header, Keys keys) {
    Optional<Bandwidth> own = Bandwidth.read("the network configuration", keys);
    return new ChainedBandwidth(
        header.version(),
        header.name(),
        header.type(),
        Bandwidth.isIn(keys) ? own : RuntimeConfig.read(keys).bandwidth(),
        previous(header, keys),
        attachments(keys));
  }
}
