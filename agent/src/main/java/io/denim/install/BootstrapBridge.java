package io.denim.install;

import io.denim.linux.Errno;
import io.denim.linux.LinuxException;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What kubeasz's bootstrap configuration leaves when pods were started by it: the bridge mynet0
 * with a route to the whole pod network, which takes packets for other nodes' pods; host-local's
 * reservations; and masquerade rules.
 *
 * <p>The reference documentation calls its example the same, so a bridge of that name is taken for
 * kubeasz's only if its address is of the pod network, and host-local's folder only if all of its
 * addresses are.
 */
final class BootstrapBridge implements AutoCloseable {
  /** The bridge's name. */
  static final String DEVICE = "mynet0";

  private static final Logger LOG = LoggerFactory.getLogger(BootstrapBridge.class);

  private final Rtnetlink node;
  private final MasqueradeRules masquerade;
  private final List<Cidr> pods;
  private final Path reservations;

  /**
   * @param namespace the node's network
   * @param pods the pod networks
   * @param networks host-local's folder of networks
   */
  BootstrapBridge(Namespace namespace, List<Cidr> pods, Path networks) {
    this.node = Rtnetlink.open(namespace);
    this.masquerade = new MasqueradeRules(namespace);
    this.pods = List.copyOf(pods);
    this.reservations = networks.resolve(ConfFile.BOOTSTRAP_NETWORK);
  }

  /**
   * Takes it all away, unless pods still use it. The bridge goes last: as long as it is there, what
   * a killed agent had left is looked for again.
   *
   * @return what stands in the way, in words for a person
   */
  Optional<String> clear() {
    try {
      Optional<Link> bridge = bridge();
      List<Link> ports = bridge.map(this::ports).orElse(List.of());
      if (!ports.isEmpty()) {
        return Optional.of(stillUsed(ports));
      }
      if (bridge.isPresent() || isReserved()) {
        int rules = masquerade.remove(ConfFile.BOOTSTRAP_NETWORK);
        boolean files = isReserved();
        if (files) {
          deleteReservations();
        }
        bridge.ifPresent(link -> delete(link.index()));
        LOG.info(
            "kubeasz's bootstrap network removed bridge={} reservations={} rules={}",
            bridge.isPresent() ? DEVICE : "none",
            files ? reservations : "none",
            rules);
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("cannot remove " + reservations + " of kubeasz: " + PlacedFile.reason(e));
    } catch (LinuxException e) {
      return Optional.of("cannot remove what kubeasz's bootstrap left: " + e.getMessage());
    }
  }

  private Optional<Link> bridge() {
    return node.link(DEVICE)
        .filter(link -> link.kind() instanceof LinkKind.Bridge)
        .filter(link ->
            node.addresses().stream()
                .filter(address -> address.ifindex() == link.index())
                .map(LinkAddress::address)
                .anyMatch(address -> isOfPods(address.address())));
  }

  private boolean isOfPods(IpAddress address) {
    return pods.stream().anyMatch(network -> network.contains(address));
  }

  private List<Link> ports(Link bridge) {
    return node.links().stream().filter(link -> link.master() == bridge.index()).toList();
  }

  private void delete(int index) {
    try {
      node.execute(Links.delete(index));
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENODEV) {
        throw e;
      }
    }
  }

  private String stillUsed(List<Link> ports) throws IOException {
    List<IpAddress> addresses = isReserved() ? reserved() : List.of();
    return "pods are still attached to kubeasz's bridge "
        + DEVICE
        + ", whose route to the whole pod network takes packets for other nodes' pods: ports "
        + ports.stream().map(Link::name).collect(Collectors.joining(", "))
        + (addresses.isEmpty()
            ? ""
            : "; addresses "
                + addresses.stream().map(IpAddress::toString).collect(Collectors.joining(", ")))
        + ". Delete those pods: new ones get their network from Denim, which then removes the"
        + " bridge";
  }

  /** Whether host-local's folder is there and all in it is of the pod network. */
  private boolean isReserved() throws IOException {
    return Files.isDirectory(reservations) && reserved().stream().allMatch(this::isOfPods);
  }

  /** host-local names a file after each address that it has given away. */
  private List<IpAddress> reserved() throws IOException {
    try (Stream<Path> files = Files.list(reservations)) {
      return files
          .flatMap(file -> IpAddress.tryParse(file.getFileName().toString()).stream())
          .sorted()
          .toList();
    }
  }

  private void deleteReservations() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(reservations)) {
      files = all.toList();
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
    Files.deleteIfExists(reservations);
  }

  @Override
  public void close() {
    masquerade.close();
    node.close();
  }
}
