package io.denim.cni;

import io.denim.net.InterfaceAddress;
import io.denim.net.MacAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The plugin {@code bridge}, and Denim's own, which has the same keys. A key that is not given is
 * empty: what then holds is not said here, because it differs between the two.
 *
 * @param version the specification's version
 * @param name the name of the network
 * @param type {@code denim-cni} or {@code bridge}
 * @param bridge the bridge's name
 * @param isGateway whether the bridge gets the gateway's address
 * @param isDefaultGateway whether the container's default route leads there; implies {@code
 *     isGateway}
 * @param forceAddress whether another address of the bridge is replaced
 * @param ipMasq whether traffic that leaves the network gets the node as its source
 * @param hairpinMode whether a container may reach itself through the bridge
 * @param promiscMode whether the bridge is promiscuous; not with {@code hairpinMode}
 * @param macspoofchk whether frames with a foreign source address are dropped
 * @param disableContainerInterface whether the container's end stays down; not with {@code ipam}
 * @param portIsolation whether containers may not reach each other on the bridge
 * @param enabledad whether addresses of IPv6 are probed before use
 * @param mtu the MTU in octets; 0 is as if not given
 * @param ipam where addresses come from; empty for an interface without any
 * @param dns for the container's resolver
 * @param runtime what the runtime asks for this one container
 * @param argsMac {@code args.cni.mac}
 * @param argsIps {@code args.cni.ips}; a length that is not given is that of a single address
 * @param previous {@code prevResult}
 * @param validAttachments the attachments that GC leaves
 */
public record BridgeConfig(
    CniVersion version,
    String name,
    String type,
    Optional<String> bridge,
    Optional<Boolean> isGateway,
    Optional<Boolean> isDefaultGateway,
    Optional<Boolean> forceAddress,
    Optional<Boolean> ipMasq,
    Optional<Boolean> hairpinMode,
    Optional<Boolean> promiscMode,
    Optional<Boolean> macspoofchk,
    Optional<Boolean> disableContainerInterface,
    Optional<Boolean> portIsolation,
    Optional<Boolean> enabledad,
    OptionalInt mtu,
    Optional<IpamConfig> ipam,
    Dns dns,
    RuntimeConfig runtime,
    Optional<MacAddress> argsMac,
    List<InterfaceAddress> argsIps,
    Optional<CniResult> previous,
    Optional<List<Attachment>> validAttachments)
    implements PluginConfig {
  /** The type of Denim's own configuration. */
  public static final String DENIM = "denim-cni";

  /** Copies the lists; a default gateway is a gateway. */
  public BridgeConfig {
    if (isDefaultGateway.orElse(false)) {
      isGateway = Optional.of(true);
    }
    argsIps = List.copyOf(argsIps);
    validAttachments = validAttachments.map(List::copyOf);
  }

  /**
   * The addresses that are asked for, in the order of the reference plugin: by {@code CNI_ARGS}, by
   * {@code args}, by the runtime.
   */
  public List<InterfaceAddress> requestedIps(CniArgs args) {
    List<InterfaceAddress> ips = new ArrayList<>(args.ips());
    ips.addAll(argsIps);
    ips.addAll(runtime.ips());
    return ips.stream().distinct().toList();
  }

  /**
   * The hardware address that is asked for: by the runtime, else by {@code args}, else by {@code
   * CNI_ARGS}.
   */
  public Optional<MacAddress> requestedMac(CniArgs args) {
    return runtime.mac().or(() -> argsMac).or(args::mac);
  }
}
