package io.denim.attach;

import io.denim.attach.Attachment.HostPort;
import io.denim.attach.Attachment.PodName;
import io.denim.attach.Attachment.Port;
import io.denim.cni.Bandwidth;
import io.denim.cni.CniException;
import io.denim.cni.CniResult;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Rtnetlink;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What plugins that stand behind another in a list add to a container: host ports and limits. */
final class Extensions {
  private final Records records;
  private final ContainerLocks locks;
  private final PodRules rules;
  private final Shaping shaping;
  private final Bridges bridges;
  private final Rtnetlink links;
  private final Supplier<Instant> now;
  private final String boot;

  Extensions(
      Records records,
      ContainerLocks locks,
      PodRules rules,
      Shaping shaping,
      Bridges bridges,
      Rtnetlink links,
      Supplier<Instant> now,
      String boot) {
    this.records = records;
    this.locks = locks;
    this.rules = rules;
    this.shaping = shaping;
    this.bridges = bridges;
    this.links = links;
    this.now = now;
    this.boot = boot;
  }

  /**
   * What a chained plugin adds.
   *
   * @param hostPorts ports of the node, in the place of those there are; empty to leave them
   * @param limits of traffic, in the place of those there are; empty to leave them
   */
  record Extension(Optional<List<HostPort>> hostPorts, Optional<Limits> limits) {}

  /** Limits of what goes through a veth. */
  record Limits(Link hostDevice, Bandwidth bandwidth) {}

  /**
   * Adds to what is attached by this or by another plugin.
   *
   * @throws CniException when it cannot; then it is as it was
   */
  void extend(Attachment.Key key, String networkName, PodName pod, String netns, Extension more) {
    locks.alone(
        key,
        () -> {
          Attachment before =
              records.find(key).orElseGet(() -> foreign(key, networkName, pod, netns));
          try {
            Attachment after = more.hostPorts().map(before::withHostPorts).orElse(before);
            rules.add(after);
            takeInLoopback(after.hostPorts());
            if (more.limits().isPresent()) {
              Link device = more.limits().get().hostDevice();
              after =
                  after.withShaped(
                      Optional.of(shaping.limit(key, device, more.limits().get().bandwidth())));
            }
            records.put(after);
          } catch (RuntimeException e) {
            reduce(key, more.hostPorts().isPresent(), more.limits().isPresent());
            throw Attachments.asFailure(key, e);
          }
        });
  }

  /**
   * What the node reaches on a link of its own may be reached by 127.0.0.1 too; a link that leads
   * further, such as the uplink, is left as it is.
   */
  private void takeInLoopback(List<HostPort> ports) {
    ports.stream()
        .filter(port -> port.masquerade() && port.to().address().isV4())
        .flatMap(port -> links.lookup(port.to().address()).stream())
        .flatMap(route -> route.hops().stream())
        .filter(hop -> hop.gateway().isEmpty())
        .flatMap(hop -> links.link(hop.oif()).stream())
        .map(Link::name)
        .distinct()
        .forEach(bridges::takeInLoopback);
  }

  private Attachment foreign(Attachment.Key key, String networkName, PodName pod, String netns) {
    return new Attachment(
        key,
        networkName,
        true,
        now.get(),
        boot,
        pod,
        netns,
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  /** The node's end of a container's veth: the own one, or what a previous result tells of. */
  Link hostDevice(Attachment.Key key, CniResult previous) {
    Optional<String> own = records.find(key).flatMap(Attachment::port).map(Port::hostDevice);
    return Stream.concat(
            own.stream(),
            previous.interfaces().stream()
                .filter(each -> each.sandbox().isEmpty())
                .map(CniResult.Interface::name))
        .flatMap(name -> links.link(name).stream())
        .filter(link -> link.kind().equals(new LinkKind.Veth()))
        .findFirst()
        .orElseThrow(() ->
            new CniException(
                CniException.Code.INVALID_CONFIG,
                "prevResult.interfaces has no veth on the node, on which the limits are set; write the"
                    + " plugin behind one that makes such a veth, as bridge does"));
  }

  /** Takes away what {@link #extend} has added. */
  void reduce(Attachment.Key key, boolean hostPorts, boolean bandwidth) {
    locks.alone(
        key,
        () -> {
          Optional<Attachment> before = records.find(key);
          if (bandwidth) {
            shaping.remove(key, before.flatMap(Attachment::shaped));
          }
          if (before.isEmpty()) {
            rules.remove(key);
            return;
          }
          Attachment after = before.get();
          if (hostPorts) {
            after = after.withHostPorts(List.of());
          }
          if (bandwidth) {
            after = after.withShaped(Optional.empty());
          }
          rules.add(after);
          if (after.port().isEmpty() && after.hostPorts().isEmpty() && after.shaped().isEmpty()) {
            records.remove(key);
          } else {
            records.put(after);
          }
        });
  }

  /** Does {@link #reduce} to all of a network but these; gives what could not be taken away. */
  List<String> reduceAllBut(
      String networkName, Set<Attachment.Key> valid, boolean hostPorts, boolean bandwidth) {
    Leftovers left = new Leftovers();
    for (Attachment attachment : List.copyOf(records.all())) {
      if (attachment.network().equals(networkName) && !valid.contains(attachment.key())) {
        left.attempt(() -> reduce(attachment.key(), hostPorts, bandwidth));
      }
    }
    return left.reasons();
  }
}
