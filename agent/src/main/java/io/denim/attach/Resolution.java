package io.denim.attach;

import io.denim.cni.BridgeConfig;
import io.denim.cni.Call;
import io.denim.cni.CniException;
import io.denim.cni.CniResult;
import io.denim.cni.Dns;
import io.denim.cni.IpamConfig;
import io.denim.cni.Range;
import io.denim.cni.RangeSet;
import io.denim.ipam.AddressRange;
import io.denim.net.InterfaceAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Fills in what a configuration leaves out. A configuration of type {@code denim-cni} is by default
 * a port of the node's bridge with an address of each of the node's subnets and default routes; one
 * of type {@code bridge} has the reference plugin's defaults.
 */
final class Resolution {
  /** What the kernel gives a bridge. */
  private static final int ETHERNET_MTU = 1500;

  private static final String DEFAULT_BRIDGE = "cni0";

  private Resolution() {}

  /** What an ADD of this configuration is to make. */
  static BridgePlan plan(
      BridgeConfig config,
      Call call,
      Optional<PodNetwork> network,
      Path addressFolder,
      NodeReach reach) {
    boolean denim = config.type().equals(BridgeConfig.DENIM);
    Optional<IpamConfig> ipam = config.ipam();
    List<List<AddressRange>> sets = new ArrayList<>();
    ipam.ifPresent(from -> from.ranges().forEach(set -> sets.add(ranges(set))));
    boolean up = !config.disableContainerInterface().orElse(false);
    boolean nodes = denim && sets.isEmpty() && up;
    if (nodes) {
      ready(network).subnets().forEach(subnet -> sets.add(List.of(AddressRange.of(subnet))));
    }
    String bridge = config.bridge().orElse(network.map(PodNetwork::bridge).orElse(DEFAULT_BRIDGE));
    if (bridge.equals(DEFAULT_BRIDGE)) {
      // The agent is yet to make it, with addresses and a hardware address of its own.
      ready(network);
    }
    boolean own = network.filter(of -> of.bridge().equals(bridge)).isPresent();
    boolean defaultGateway = config.isDefaultGateway().orElse(denim && !sets.isEmpty());
    boolean gateway = defaultGateway || config.isGateway().orElse(false);
    if (own && gateway) {
      refuseForeign(network.orElseThrow(), sets, bridge);
    }
    return new BridgePlan(
        config.name(),
        bridge,
        own,
        gateway,
        defaultGateway,
        config.forceAddress().orElse(false),
        config.ipMasq().orElse(false),
        config.hairpinMode().orElse(denim && !config.promiscMode().orElse(false)),
        config.promiscMode().orElse(false),
        config.macspoofchk().orElse(false),
        config.portIsolation().orElse(false),
        up,
        config.enabledad().orElse(false),
        config.mtu().orElse(own ? network.orElseThrow().mtu() : ETHERNET_MTU),
        sets,
        ipam.flatMap(IpamConfig::dataDir).orElse(addressFolder),
        ipam.map(IpamConfig::routes).orElse(List.of()).stream().map(Resolution::route).toList(),
        dns(config, ipam.flatMap(IpamConfig::resolvConf).map(reach::at)),
        config.requestedMac(call.args()),
        config.requestedIps(call.args()).stream()
            .map(InterfaceAddress::address)
            .distinct()
            .toList(),
        config.runtime().portMappings(),
        config.runtime().bandwidth());
  }

  private static PodNetwork ready(Optional<PodNetwork> network) {
    return network.orElseThrow(() ->
        new CniException(
            CniException.Code.TRY_AGAIN,
            "the agent has no subnet for this node yet, and so neither an address to give nor a bridge",
            "denim status says what it waits for"));
  }

  private static List<AddressRange> ranges(RangeSet set) {
    return set.ranges().stream().map(Resolution::range).toList();
  }

  private static AddressRange range(Range range) {
    return new AddressRange(range.subnet(), range.first(), range.last(), range.gatewayAddress());
  }

  /** The agent keeps its bridge's addresses, so nobody else's can be there. */
  private static void refuseForeign(
      PodNetwork network, List<List<AddressRange>> sets, String bridge) {
    List<InterfaceAddress> own =
        network.subnets().stream()
            .map(subnet -> new InterfaceAddress(subnet.address().plus(1), subnet.length()))
            .toList();
    for (List<AddressRange> set : sets) {
      for (AddressRange range : set) {
        if (!own.contains(new InterfaceAddress(range.gateway(), range.subnet().length()))) {
          throw new CniException(
              CniException.Code.INVALID_CONFIG,
              "bridge: \""
                  + bridge
                  + "\" is the node's own, with the addresses "
                  + own
                  + ", and cannot be the gateway "
                  + range.gateway()
                  + " of "
                  + range.subnet()
                  + "; name another bridge for that subnet");
        }
      }
    }
  }

  private static PodRoute route(CniResult.Route route) {
    return new PodRoute(
        route.dst(),
        route.gateway(),
        route.mtu().orElse(0),
        route.advmss().orElse(0),
        route.priority().orElse(0),
        route.table().orElse(0),
        route.scope().orElse(0));
  }

  /** The runtime's word, then the configuration's, then the file's. */
  private static Dns dns(BridgeConfig config, Optional<Path> resolvConf) {
    if (!config.runtime().dns().isEmpty()) {
      return config.runtime().dns();
    }
    return config.dns().isEmpty() && resolvConf.isPresent()
        ? resolvConf(resolvConf.get())
        : config.dns();
  }

  private static Dns resolvConf(Path file) {
    try {
      return parseResolvConf(Files.readString(file));
    } catch (IOException e) {
      throw new CniException(
          CniException.Code.INVALID_CONFIG,
          "ipam.resolvConf: cannot read \"" + file + "\": " + e,
          "",
          e);
    }
  }

  /** Reads resolv.conf(5). */
  static Dns parseResolvConf(String text) {
    List<String> nameservers = new ArrayList<>();
    String domain = "";
    List<String> search = new ArrayList<>();
    List<String> options = new ArrayList<>();
    for (String line : text.lines().toList()) {
      List<String> words = List.of(line.strip().split("\\s+", -1));
      if (words.size() < 2 || line.startsWith("#") || line.startsWith(";")) {
        continue;
      }
      List<String> values = words.subList(1, words.size());
      switch (words.getFirst()) {
        case "nameserver" -> nameservers.add(values.getFirst());
        case "domain" -> domain = values.getFirst();
        case "search" -> search.addAll(values);
        case "options" -> options.addAll(values);
        default -> {
          // Of no concern to a container.
        }
      }
    }
    return new Dns(nameservers, domain, search, options);
  }
}
