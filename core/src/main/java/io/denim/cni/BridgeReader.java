package io.denim.cni;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads the configuration of a bridge. */
final class BridgeReader {
  private static final String NO_VLANS =
      "Denim does not filter VLANs on its bridge; leave the key out";

  /** ETH_MAX_MTU of linux/if_ether.h. */
  private static final int MAX_MTU = 65535;

  /** ETH_MIN_MTU of linux/if_ether.h. */
  private static final int MIN_MTU = 68;

  private BridgeReader() {}

  static BridgeConfig read(PluginConfig.Header header, Keys keys) {
    noVlans(keys);
    keys.parsed("ipMasqBackend", ConfigReader::backend, ConfigReader.BACKENDS);
    RuntimeConfig runtime = RuntimeConfig.read(keys);
    Optional<Keys> args = keys.object("args").flatMap(each -> each.object("cni"));
    BridgeConfig config =
        new BridgeConfig(
            header.version(),
            header.name(),
            header.type(),
            keys.parsed(
                "bridge",
                text -> Optional.of(text).filter(Identifiers::isInterfaceName),
                Identifiers.INTERFACE_NAME),
            keys.bool("isGateway"),
            keys.bool("isDefaultGateway"),
            keys.bool("forceAddress"),
            keys.bool("ipMasq"),
            keys.bool("hairpinMode"),
            keys.bool("promiscMode"),
            keys.bool("macspoofchk"),
            keys.bool("disableContainerInterface"),
            keys.bool("portIsolation"),
            keys.bool("enabledad"),
            mtu(keys),
            IpamConfig.read(header, keys, runtime),
            keys.object("dns").map(Dns::read).orElse(Dns.NONE),
            runtime,
            args.flatMap(each -> each.parsed("mac", Addresses::tryMac, Addresses.MAC)),
            args.map(each -> RuntimeConfig.ips(each.list("ips"))).orElse(List.of()),
            ConfigReader.previous(header, keys),
            ConfigReader.attachments(keys));
    check(config, keys);
    return config;
  }

  private static OptionalInt mtu(Keys keys) {
    OptionalInt mtu = keys.whole("mtu", 0, MAX_MTU);
    if (mtu.orElse(0) == 0) {
      return OptionalInt.empty();
    }
    if (mtu.getAsInt() < MIN_MTU) {
      throw invalid(keys, "mtu", "is too small; allowed is " + MIN_MTU + " to " + MAX_MTU);
    }
    return mtu;
  }

  private static void noVlans(Keys keys) {
    if (keys.whole("vlan", 0, 4094).orElse(0) != 0) {
      throw unsupported(keys, "vlan");
    }
    if (!keys.list("vlanTrunk").isEmpty()) {
      throw unsupported(keys, "vlanTrunk");
    }
    if (keys.bool("preserveDefaultVlan").orElse(false)) {
      throw unsupported(keys, "preserveDefaultVlan");
    }
  }

  private static CniException unsupported(Keys keys, String key) {
    return keys.value(key).orElseThrow().unsupported(NO_VLANS);
  }

  private static CniException invalid(Keys keys, String key, String why) {
    return keys.value(key).orElseThrow().wrong(why);
  }

  private static void check(BridgeConfig config, Keys keys) {
    if (config.promiscMode().orElse(false) && config.hairpinMode().orElse(false)) {
      throw invalid(
          keys, "promiscMode", "hairpinMode is true too; a bridge has one of them or none");
    }
    if (config.disableContainerInterface().orElse(false) && config.ipam().isPresent()) {
      throw invalid(
          keys,
          "disableContainerInterface",
          "an interface that stays down can have no ipam; leave one of them out");
    }
  }
}
