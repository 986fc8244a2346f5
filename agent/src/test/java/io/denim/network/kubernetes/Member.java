package io.denim.network.kubernetes;

import io.denim.model.BackendData;
import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.model.SubnetOrigin;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import io.denim.network.Membership;
import io.denim.state.Peer;
import io.denim.store.TestClock;
import io.denim.store.kubernetes.Hasty;
import io.denim.store.kubernetes.KubernetesAccess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** A node's membership under test, with its own folder and clock. */
final class Member implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(30);
  static final String NET_CONF = "{\"Network\":\"10.244.0.0/16\",\"Backend\":{\"Type\":\"vxlan\"}}";
  static final String DUAL_NET_CONF =
      "{\"Network\":\"10.244.0.0/16\",\"EnableIPv6\":true,\"IPv6Network\":\"fd00:10:244::/48\","
          + "\"Backend\":{\"Type\":\"vxlan\"}}";

  private static final MacAddress MAC = MacAddress.parse("c6:d2:32:6f:8f:44");
  private static final MacAddress MAC6 = MacAddress.parse("c6:d2:32:6f:8f:66");

  final TestClock clock = new TestClock();
  final AtomicInteger rings = new AtomicInteger();
  final Path netConf;
  private final KubernetesMembership membership;

  private Member(KubernetesOptions options, Path netConf) {
    this.netConf = netConf;
    this.membership =
        new KubernetesMembership(options, Hasty.api(options.access()), clock, new Random(1));
  }

  /** The membership of a node, which follows nothing yet. */
  static Member of(String node, KubernetesAccess access, Path folder) {
    return of(node, access, folder, KubernetesOptions.ANNOTATION_PREFIX, true);
  }

  static Member of(
      String node, KubernetesAccess access, Path folder, String prefix, boolean condition) {
    Path file = folder.resolve("net-conf.json");
    write(file, NET_CONF);
    return new Member(new KubernetesOptions(access, node, prefix, file, condition), file);
  }

  static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same, and it follows the network. */
  static Member following(String node, KubernetesAccess access, Path folder) {
    Member member = of(node, access, folder);
    member.follow();
    return member;
  }

  void follow() {
    membership.follow(rings::incrementAndGet);
  }

  KubernetesMembership membership() {
    return membership;
  }

  static FlannelConfig config(String json) {
    return FlannelConfig.parse(json, SubnetOrigin.POD_CIDR);
  }

  static FlannelLease vxlan(String publicIp) {
    return new FlannelLease(
        IpAddress.parse(publicIp),
        Optional.empty(),
        "vxlan",
        Optional.of(new BackendData.Vxlan(OptionalInt.of(1), MAC)),
        Optional.empty());
  }

  static FlannelLease dualVxlan(String publicIp, String publicIpv6) {
    return new FlannelLease(
        IpAddress.parse(publicIp),
        Optional.of(IpAddress.parse(publicIpv6)),
        "vxlan",
        Optional.of(new BackendData.Vxlan(OptionalInt.of(1), MAC)),
        Optional.of(new BackendData.Vxlan(OptionalInt.of(1), MAC6)));
  }

  Membership.Held join(String netConf, FlannelLease lease) {
    return membership.join(config(netConf), lease, Optional.empty());
  }

  Membership.View view() {
    return membership.view();
  }

  /** Waits until the network looks so. */
  Membership.View await(Predicate<Membership.View> wanted) {
    try {
      Awaitility.await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(20))
          .until(() -> wanted.test(view()));
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      throw new AssertionError("the view did not become what was expected; it is " + view(), e);
    }
    return view();
  }

  /** Waits until the peers have these subnets, in the order of their names. */
  void awaitSubnets(String... subnets) {
    await(view -> subnets(view).equals(List.of(subnets)));
  }

  static List<String> subnets(Membership.View view) {
    return view.peers().stream().map(Member::subnets).toList();
  }

  private static String subnets(Peer peer) {
    return peer.name()
        + peer.subnetV4().map(cidr -> " " + cidr).orElse("")
        + peer.subnetV6().map(cidr -> " " + cidr).orElse("");
  }

  @Override
  public void close() {
    membership.close();
  }
}
