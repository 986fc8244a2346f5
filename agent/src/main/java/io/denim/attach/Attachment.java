package io.denim.attach;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.denim.cni.Bandwidth;
import io.denim.ipam.AddressRange;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a container has of Denim by one of its interfaces, as it is kept on disk: everything that is
 * needed to take it away again, whatever the configuration is by then.
 *
 * @param key whose it is
 * @param network the network's name
 * @param complete false while it is being made; what is found incomplete after a crash is undone
 * @param since when it was begun
 * @param boot the kernel's name of the start of the machine since when it is; containers do not
 *     outlive it
 * @param pod the pod, as far as the runtime told it
 * @param netns the path of the namespace, as the runtime named it
 * @param port the interface, empty when another plugin made it and Denim only added to it
 * @param hostPorts ports of the node that lead to it
 * @param shaped the limits of its traffic
 * @param scratch the file that flannel's own plugin would look for, empty for none
 */
public record Attachment(
    Key key,
    String network,
    boolean complete,
    Instant since,
    String boot,
    PodName pod,
    String netns,
    Optional<Port> port,
    List<HostPort> hostPorts,
    Optional<Shaped> shaped,
    Optional<String> scratch) {
  /** Copies the list, and checks what comes from a file. */
  public Attachment {
    present(key, since, boot, pod, netns, port, shaped, scratch);
    if (network.isEmpty() || network.startsWith(".") || network.contains("/")) {
      throw new IllegalArgumentException(
          "the name of a network is a file name that does not begin with a dot, got \""
              + network
              + "\"");
    }
    hostPorts = List.copyOf(hostPorts);
  }

  /** A file that somebody has edited may lack anything, which is found when it is read. */
  private static void present(Object... parts) {
    for (Object part : parts) {
      Objects.requireNonNull(part, "a part of the attachment is missing");
    }
  }

  /**
   * Tells attachments apart.
   *
   * @param container the container as the runtime names it
   * @param ifname the interface's name in it
   */
  public record Key(String container, String ifname) {
    /** Checks that both are there. */
    public Key {
      present(container, ifname);
    }

    @Override
    public String toString() {
      return ifname + " of container " + container;
    }
  }

  /** A pod's name; texts are empty where the runtime told none. */
  public record PodName(String namespace, String name, String uid) {
    /** No pod that anybody told of. */
    public static final PodName NONE = new PodName("", "", "");

    /** Checks that all are there. */
    public PodName {
      present(namespace, name, uid);
    }
  }

  /**
   * An interface of a container that is a port of a bridge.
   *
   * @param bridge the bridge's name
   * @param hostDevice the name of the veth's end on the node
   * @param mac the hardware address of the container's end
   * @param mtu the MTU of the container's end in octets
   * @param hairpin whether packets may leave the port that they came in by
   * @param isolated whether it reaches no other isolated port
   * @param up whether the container's end is up
   * @param masquerade whether what leaves the subnet gets the node's address
   * @param guarded whether frames with another source are dropped
   * @param addressFolder the folder of the files of addresses; the network's is below it
   * @param addresses its addresses
   * @param routes its routes, each through the interface
   */
  public record Port(
      String bridge,
      String hostDevice,
      MacAddress mac,
      int mtu,
      boolean hairpin,
      boolean isolated,
      boolean up,
      boolean masquerade,
      boolean guarded,
      String addressFolder,
      List<Address> addresses,
      List<PodRoute> routes) {
    /** Copies the lists, and checks what comes from a file. */
    public Port {
      present(bridge, hostDevice, mac, Path.of(addressFolder));
      addresses = List.copyOf(addresses);
      routes = List.copyOf(routes);
    }

    /** This port with what is known once it has its addresses. */
    Port settled(MacAddress ownMac, List<Address> ownAddresses, List<PodRoute> ownRoutes) {
      return new Port(
          bridge,
          hostDevice,
          ownMac,
          mtu,
          hairpin,
          isolated,
          up,
          masquerade,
          guarded,
          addressFolder,
          ownAddresses,
          ownRoutes);
    }
  }

  /**
   * An address of a container.
   *
   * @param address the address with the length of its subnet
   * @param gateway the gateway of its subnet
   */
  public record Address(InterfaceAddress address, IpAddress gateway) {
    /** Checks that it is one that could have been given. */
    public Address {
      present(address, gateway, range(address, gateway));
    }

    private static AddressRange range(InterfaceAddress address, IpAddress gateway) {
      return new AddressRange(address.subnet(), address.address(), address.address(), gateway);
    }

    /** The range that offers nothing else. */
    AddressRange range() {
      return range(address, gateway);
    }
  }

  /**
   * A port of the node that leads to a container.
   *
   * @param protocol the IP protocol: 6 TCP, 17 UDP, 132 SCTP
   * @param address the node's address, empty for all of the family of {@code to}
   * @param port the node's port
   * @param to the container's address
   * @param toPort the container's port
   * @param masquerade whether what comes from the container's own subnet, or from the node itself
   *     by a loopback address, gets the node's address, without which answers would not find back
   */
  public record HostPort(
      int protocol,
      Optional<IpAddress> address,
      int port,
      InterfaceAddress to,
      int toPort,
      boolean masquerade) {
    /** Checks that both addresses are there. */
    public HostPort {
      present(address, to);
    }

    /** Whether a packet to the one is a packet to the other. */
    boolean isSameOnTheNode(HostPort other) {
      return protocol == other.protocol
          && port == other.port
          && address.equals(other.address)
          && to.address().family() == other.to.address().family();
    }
  }

  /**
   * How a container's traffic is limited.
   *
   * @param hostDevice the veth's end on the node, which limits what goes to the container
   * @param mirror the ifb device that limits what comes from it, empty for none
   * @param limits how much may go either way
   */
  public record Shaped(String hostDevice, String mirror, Bandwidth limits) {
    /** Checks that all are there. */
    public Shaped {
      present(hostDevice, mirror, limits);
    }
  }

  /** Its addresses, without lengths. */
  @JsonIgnore
  public List<IpAddress> ips() {
    return port.map(Port::addresses).orElse(List.of()).stream()
        .map(address -> address.address().address())
        .toList();
  }

  Attachment completed() {
    return new Attachment(
        key, network, true, since, boot, pod, netns, port, hostPorts, shaped, scratch);
  }

  Attachment withPort(Port made) {
    return new Attachment(
        key,
        network,
        complete,
        since,
        boot,
        pod,
        netns,
        Optional.of(made),
        hostPorts,
        shaped,
        scratch);
  }

  Attachment withHostPorts(List<HostPort> ports) {
    return new Attachment(
        key, network, complete, since, boot, pod, netns, port, ports, shaped, scratch);
  }

  Attachment withShaped(Optional<Shaped> limits) {
    return new Attachment(
        key, network, complete, since, boot, pod, netns, port, hostPorts, limits, scratch);
  }
}
