package io.denim.agent;

import io.denim.agent.AgentStatus.AttachmentStatus;
import io.denim.agent.AgentStatus.PathStatus;
import io.denim.agent.AgentStatus.RecordStatus;
import io.denim.agent.AgentStatus.StoreStatus;
import io.denim.apply.Kernel;
import io.denim.apply.Observed.Part;
import io.denim.apply.Step;
import io.denim.attach.Attachment;
import io.denim.attach.Attachment.PodName;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import io.denim.plan.Path;
import io.denim.plan.PeerPath;
import io.denim.state.LocalNode;
import io.denim.state.Snapshot;
import io.denim.store.StoreHealth;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes a snapshot and its paths as a status. */
final class StatusText {
  private StatusText() {}

  static AgentStatus of(
      Snapshot snapshot,
      List<PeerPath> paths,
      List<Kernel.Failed> failed,
      int mtu,
      boolean ready,
      List<String> problems) {
    LocalNode local = snapshot.local();
    return new AgentStatus(
        local.name(),
        ready,
        snapshot.config().backend().type(),
        java.util.Arrays.stream(io.denim.net.Family.values())
            .flatMap(family -> snapshot.config().network(family).stream())
            .map(network -> network.network().toString())
            .toList(),
        local.stacks().values().stream()
            .map(LocalNode.Stack::subnet)
            .sorted()
            .map(Cidr::toString)
            .toList(),
        snapshot.underlay().device(),
        local.stacks().values().stream()
            .map(LocalNode.Stack::publicAddress)
            .sorted()
            .map(IpAddress::toString)
            .toList(),
        mtu,
        paths.stream().map(path -> path(path, failed)).toList(),
        List.of(),
        problems,
        limits(failed),
        StoreStatus.UNKNOWN,
        List.of());
  }

  /**
   * The report's clock may be another one than that of the day, which somebody may have set since.
   *
   * @param now the time of day at which the report was made
   */
  static StoreStatus of(StoreHealth.Report health, Instant now) {
    return new StoreStatus(
        health.reachable(),
        now.minus(Duration.between(health.since(), health.at())).toString(),
        now.minus(Duration.between(health.lastContact(), health.at())).toString(),
        health.reason());
  }

  static List<RecordStatus> of(Map<String, String> unreadable) {
    return unreadable.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(each -> new RecordStatus(each.getKey(), each.getValue()))
        .toList();
  }

  /** A single bad peer does not limit the node; its own devices, addresses and rules do. */
  static List<String> limits(List<Kernel.Failed> failed) {
    return failed.stream()
        .filter(each -> !each.deferred())
        .filter(each ->
            switch (each.step()) {
              case Step.Netlink step -> step.part() == Part.LINKS || step.part() == Part.ADDRESSES;
              case Step.Table _, Step.Sysctl _ -> true;
            })
        .map(Kernel.Failed::reason)
        .toList();
  }

  static AttachmentStatus of(Attachment attachment) {
    PodName pod = attachment.pod();
    Optional<Attachment.Port> port = attachment.port();
    return new AttachmentStatus(
        pod.name().isEmpty() ? "" : pod.namespace() + "/" + pod.name(),
        attachment.key().ifname(),
        port.map(Attachment.Port::addresses).orElse(List.of()).stream()
            .map(each -> each.address().toString())
            .toList(),
        port.map(each -> each.mac().toString()).orElse(""),
        port.map(Attachment.Port::hostDevice).orElse(""),
        port.map(Attachment.Port::bridge).orElse(""),
        attachment.network(),
        attachment.hostPorts().stream().map(StatusText::port).toList(),
        attachment.since().toString(),
        attachment.key().container(),
        attachment.netns());
  }

  private static String port(Attachment.HostPort port) {
    String protocol =
        switch (port.protocol()) {
          case 6 -> "tcp";
          case 17 -> "udp";
          default -> "sctp";
        };
    return port.address().map(address -> address + " ").orElse("")
        + port.port()
        + "/"
        + protocol
        + " -> "
        + port.toPort();
  }

  private static PathStatus path(PeerPath peer, List<Kernel.Failed> failed) {
    String via =
        switch (peer.path()) {
          case Path.Direct(IpAddress nextHop, String device) -> nextHop + " dev " + device;
          case Path.Vxlan(String device, IpAddress remote, _) -> remote + " dev " + device;
          case Path.Unreachable _ -> "";
        };
    String health =
        switch (peer.path()) {
          case Path.Unreachable _ -> "unreachable";
          case Path.Direct _, Path.Vxlan _ -> {
            String address = peer.subnet().address().toString();
            yield failed.stream()
                .filter(f -> f.step().describe().contains(" " + address))
                .map(Kernel.Failed::reason)
                .findFirst()
                .orElse("ok");
          }
        };
    return new PathStatus(
        peer.peer(), peer.subnet().toString(), peer.path().kind(), via, peer.reason(), health);
  }
}
