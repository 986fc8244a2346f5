package io.denim.attach;

import io.denim.cni.Bandwidth;
import io.denim.cni.Dns;
import io.denim.cni.PortMapping;
import io.denim.ipam.AddressRange;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What an ADD is to make, with every default filled in.
 *
 * @param network the network's name
 * @param bridge the bridge's name
 * @param ownBridge whether that is the node's bridge, which the agent keeps
 * @param gateway whether the bridge has the gateways' addresses
 * @param defaultGateway whether the container's default routes lead to the gateways
 * @param forceAddress whether other addresses of the bridge give way
 * @param masquerade whether what leaves the container's subnet gets the node's address
 * @param hairpin whether packets may leave the port that they came in by
 * @param promiscuous whether the bridge takes in every frame
 * @param guarded whether frames with another source are dropped
 * @param isolated whether the port reaches no other isolated port
 * @param up whether the container's interface is set up, with addresses
 * @param detectDuplicates whether IPv6 looks for the address on the link first
 * @param mtu in octets
 * @param sets an address is taken from each of these sets of ranges
 * @param addressFolder the folder of the files of addresses; the network's is below it
 * @param routes the routes besides the default ones; one without gateway goes by the family's
 * @param dns what the result says of name servers
 * @param mac the hardware address, empty for one that follows from the address
 * @param wanted addresses that it must be
 * @param hostPorts ports of the node that lead to it
 * @param bandwidth the limits of its traffic
 */
record BridgePlan(
    String network,
    String bridge,
    boolean ownBridge,
    boolean gateway,
    boolean defaultGateway,
    boolean forceAddress,
    boolean masquerade,
    boolean hairpin,
    boolean promiscuous,
    boolean guarded,
    boolean isolated,
    boolean up,
    boolean detectDuplicates,
    int mtu,
    List<List<AddressRange>> sets,
    Path addressFolder,
    List<PodRoute> routes,
    Dns dns,
    Optional<MacAddress> mac,
    List<IpAddress> wanted,
    List<PortMapping> hostPorts,
    Optional<Bandwidth> bandwidth) {
  /** Copies the lists. */
  BridgePlan {
    sets = List.copyOf(sets);
    routes = List.copyOf(routes);
    wanted = List.copyOf(wanted);
    hostPorts = List.copyOf(hostPorts);
  }

  /** The addresses that the bridge may have as a gateway, whichever range gives an address. */
  List<InterfaceAddress> gateways() {
    return sets.stream()
        .flatMap(List::stream)
        .map(range -> new InterfaceAddress(range.gateway(), range.subnet().length()))
        .distinct()
        .toList();
  }
}
