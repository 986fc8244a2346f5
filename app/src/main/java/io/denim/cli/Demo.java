package io.denim.cli;

import io.denim.lab.LabConfig;
import io.denim.lab.LabState;
import io.denim.lab.LabState.Member;
import io.denim.lab.Reach;
import io.denim.linux.ns.Namespace;
import io.denim.linux.packet.PacketCapture;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code denim demo}: a lab, who reaches whom in it, and a packet on its way out. */
final class Demo {
  private static final int PINGS = 3;
  private static final int ETHERNET = 14;
  private static final int ETHERTYPE_IPV4 = 0x0800;
  private static final int PROTOCOL_ICMP = 1;

  private final Labs labs;
  private final PrintWriter out;
  private final PrintWriter err;

  Demo(Labs labs, PrintWriter out, PrintWriter err) {
    this.labs = labs;
    this.out = out;
    this.err = err;
  }

  void run(boolean keep) throws IOException {
    LabConfig config = LabConfig.demo();
    long begin = System.nanoTime();
    LabState lab = labs.up(config, Optional.empty());
    out.printf(
        "%nlab %s: %d nodes in %d subnets behind router %s, %d pods, up in %.1f s%n%n",
        lab.name(),
        lab.of("node").size(),
        config.subnets().size(),
        lab.of("router").getFirst().name(),
        lab.of("pod").size(),
        (System.nanoTime() - begin) / 1e9);
    try {
      nodes(lab);
      matrix(lab);
      outside(lab);
    } finally {
      out.flush();
      if (!keep) {
        labs.down(Optional.of(lab.name()));
      }
    }
    out.println(
        keep
            ? "The lab stays up. Look around: denim lab status | ping | exec n1 ip route | capture n1 | down"
            : "The lab is down again; \"denim demo --keep\" leaves it up.");
  }

  private void nodes(LabState lab) {
    List<NodeLine> lines = new ArrayList<>();
    for (Member node : lab.of("node")) {
      var status = lab.status(node.name());
      lines.add(
          new NodeLine(
              node.name(),
              node.addresses().getFirst(),
              String.join(" ", status.subnets()),
              status.backend(),
              status.mtu()));
    }
    DataTable.write(lines, out);
    out.println();
  }

  private record NodeLine(String node, String address, String podSubnet, String backend, int mtu) {}

  /** A line a sender, a column a receiver: the path's letter and the round trip. */
  private void matrix(LabState lab) {
    List<Member> pods = lab.of("pod");
    out.println("who reaches whom (row to column), by which path, round trip in ms:");
    out.println("  L local, D direct, V vxlan, - not reached");
    out.printf("%-8s", "");
    pods.forEach(pod -> out.printf("%9s", pod.name()));
    out.println();
    int reached = 0;
    int asked = 0;
    for (Member from : pods) {
      out.printf("%-8s", from.name());
      for (Member to : pods) {
        if (from.equals(to)) {
          out.printf("%9s", ".");
          continue;
        }
        Reach.Row row = Reach.between(lab, from.name(), to.name(), PINGS);
        asked++;
        reached += row.reached() ? 1 : 0;
        out.printf(
            "%9s",
            row.rtt().map(rtt -> letter(row.path()) + " " + rtt.replace(" ms", "")).orElse("-"));
        out.flush();
      }
      out.println();
    }
    out.printf("%d of %d reached%n%n", reached, asked);
    if (reached != asked) {
      throw CommandException.failure(
          "not every pod reaches every other; \"denim demo --keep\" and \"denim lab status\" show why");
    }
  }

  private static String letter(String path) {
    return path.isEmpty() ? "?" : path.substring(0, 1).toUpperCase(java.util.Locale.ROOT);
  }

  /** Pings the outside from the first pod, and looks at the packet where it arrives. */
  private void outside(LabState lab) {
    Member pod = lab.of("pod").getFirst();
    Member world = lab.of("outside").getFirst();
    try (Namespace namespace = lab.open(world.name());
        PacketCapture capture = PacketCapture.open(namespace, 0)) {
      Reach.Row row = Reach.between(lab, pod.name(), world.name(), 1);
      Optional<IpAddress> source = Optional.empty();
      for (var frame = capture.next(Duration.ofMillis(500));
          frame.isPresent() && source.isEmpty();
          frame = capture.next(Duration.ofMillis(500))) {
        source = echoSource(frame.get(), world.address());
      }
      String node = pod.node();
      String seen = source.map(IpAddress::toString).orElse("nothing");
      boolean masqueraded =
          source.filter(lab.member(node).address()::equals).isPresent() && row.reached();
      out.printf(
          "pod %s (%s) pings the outside (%s): it arrives from %s, %s; answered in %s%n%n",
          pod.name(),
          pod.address(),
          world.address(),
          seen,
          masqueraded ? "the address of node " + node + ": masqueraded" : "not masqueraded",
          row.rtt().orElse("no time: no answer"));
      if (!masqueraded) {
        err.flush();
        throw CommandException.failure("the packet to the outside was not masqueraded");
      }
    }
  }

  /** The source of an ICMP echo request to this address. */
  private static Optional<IpAddress> echoSource(PacketCapture.Frame frame, IpAddress to) {
    boolean icmp = frame.be16(12) == ETHERTYPE_IPV4 && frame.u8(ETHERNET + 9) == PROTOCOL_ICMP;
    return icmp && IpAddress.v4(frame.be32(ETHERNET + 16)).equals(to)
        ? Optional.of(IpAddress.v4(frame.be32(ETHERNET + 12)))
        : Optional.empty();
  }
}
