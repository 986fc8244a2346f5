package io.denim.mixed;

import io.denim.lab.Lab;
import io.denim.lab.Reach;
import io.denim.net.IpAddress;
import java.time.Duration;
import java.util.function.BiPredicate;
import org.awaitility.Awaitility;

/** Whether pods reach each other, in each family that they have. */
final class Reached {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Reached() {}

  /** Every pod, and every node, to every pod; both ways of a pair, each on its own. */
  static void all(Lab lab) {
    all(lab, (from, to) -> true);
  }

  /** As above, where the nodes of both have a way. */
  static void all(Lab lab, BiPredicate<String, String> linked) {
    for (Lab.Pod to : lab.pods()) {
      for (Lab.Pod from : lab.pods()) {
        if (!from.name().equals(to.name()) && linked.test(from.node(), to.node())) {
          pod(lab, from.name(), to.name());
        }
      }
      for (var node : lab.config().nodes()) {
        if (linked.test(node.name(), to.node())) {
          pod(lab, node.name(), to.name());
        }
      }
    }
  }

  /** One pod, or node, to one pod. */
  static void pod(Lab lab, String from, String to) {
    for (var address : lab.pod(to).addresses()) {
      address(lab, from, address.address());
    }
  }

  /**
   * One to an address, within seconds: the kernel looks whether others have an IPv6 address before
   * a bridge answers for it (RFC 4862, DAD).
   */
  static void address(Lab lab, String from, IpAddress to) {
    Awaitility.await()
        .alias(from + " reaches " + to)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> Reach.ping(lab.state(), from, to, 1).isPresent());
  }
}
