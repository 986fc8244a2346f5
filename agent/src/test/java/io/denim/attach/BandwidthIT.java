package io.denim.attach;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.cni.CniException.Code;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.Qdisc;
import io.denim.linux.ns.Namespace;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Limits of a container's traffic, by what the kernel says of them and by what goes through. */
class BandwidthIT {
  /** Octets a second. */
  private static final int RATE = 4_000_000;

  private static final int SENT = 1_500_000;

  private static final String INGRESS = "\"ingressRate\":32000000,\"ingressBurst\":512000";
  private static final String EGRESS = "\"egressRate\":32000000,\"egressBurst\":512000";

  @TempDir Path directory;

  private TestNode node;
  private TestContainer container;

  @BeforeEach
  void open() {
    node = new TestNode(directory, "10.1.0.0/24");
    container = node.container("c1");
  }

  @AfterEach
  void close() {
    node.close();
  }

  private static String limited(String limits) {
    return Config.denim(Config.runtime("\"bandwidth\":{" + limits + "}"));
  }

  private List<Qdisc.Kind> qdiscs(String device) {
    return node.kernel.qdiscs(node.link(device).index()).stream().map(Qdisc::kind).toList();
  }

  private List<String> mirrors() {
    return node.kernel.links().stream()
        .map(Link::name)
        .filter(name -> name.startsWith("bwp"))
        .toList();
  }

  /** Octets a second from one namespace to a server in another. */
  private static double rate(Namespace from, Namespace to, String address) throws Exception {
    try (ServerSocket server = to.call(() -> new ServerSocket(0))) {
      Thread sender =
          Thread.ofPlatform()
              .start(() ->
                  from.call(() -> {
                    try (Socket socket = new Socket()) {
                      socket.connect(new InetSocketAddress(address, server.getLocalPort()), 2_000);
                      socket.getOutputStream().write(new byte[SENT]);
                    }
                    return true;
                  }));
      try (Socket socket = server.accept();
          InputStream in = socket.getInputStream()) {
        long start = System.nanoTime();
        int received = in.readAllBytes().length;
        double seconds = (System.nanoTime() - start) / 1e9;
        sender.join();
        assertThat(received).isEqualTo(SENT);
        return received / seconds;
      }
    }
  }

  private double toContainer() throws Exception {
    return rate(node.namespace, container.namespace, "10.1.0.2");
  }

  private double fromContainer() throws Exception {
    return rate(container.namespace, node.namespace, "10.1.0.1");
  }

  @Test
  void whatGoesToTheContainerIsLimitedAndTheOtherWayIsNot() throws Exception {
    Answer added = container.add(limited(INGRESS));

    assertThat(qdiscs(added.hostDevice())).hasExactlyElementsOfTypes(Qdisc.Tbf.class);
    assertThat(mirrors()).isEmpty();
    assertThat(toContainer()).isBetween(RATE / 3.0, RATE * 3.0);
    assertThat(fromContainer()).isGreaterThan(RATE * 3.0);
  }

  @Test
  void whatComesFromTheContainerIsLimitedAndTheOtherWayIsNot() throws Exception {
    Answer added = container.add(limited(EGRESS));

    assertThat(qdiscs(added.hostDevice())).doesNotHaveAnyElementsOfTypes(Qdisc.Tbf.class);
    assertThat(mirrors())
        .singleElement()
        .satisfies(mirror -> assertThat(qdiscs(mirror)).hasExactlyElementsOfTypes(Qdisc.Tbf.class));
    assertThat(fromContainer()).isBetween(RATE / 3.0, RATE * 3.0);
    assertThat(toContainer()).isGreaterThan(RATE * 3.0);
  }

  @Test
  void bothWaysAreLimitedAndNothingIsLeftAfterDel() {
    List<String> before = node.remains();
    Answer added = container.add(limited(INGRESS + "," + EGRESS));

    assertThat(qdiscs(added.hostDevice())).contains(new Qdisc.Ingress());
    assertThat(TestNode.run(node.namespace, "tc", "qdisc", "show", "dev", added.hostDevice()))
        .contains("tbf 1: root", "rate 32Mbit burst 64000b lat 25ms");
    assertThat(TestNode.run(node.namespace, "tc", "qdisc", "show", "dev", mirrors().getFirst()))
        .contains("tbf 1: root", "rate 32Mbit burst 64000b lat 25ms");
    container.check(limited(INGRESS + "," + EGRESS), added).assertDone();
    container.delWithoutNamespace(Config.DENIM).assertDone();
    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void aPodsAnnotationsLimitItToo() {
    Answer added =
        container.add(
            Config.denim(
                Config.runtime(
                    """
                    "io.kubernetes.cri.pod-annotations":{\
                    "kubernetes.io/ingress-bandwidth":"10M","kubernetes.io/egress-bandwidth":"5M"}\
                    """)));

    assertThat(TestNode.run(node.namespace, "tc", "qdisc", "show", "dev", added.hostDevice()))
        .contains("rate 10Mbit");
    assertThat(TestNode.run(node.namespace, "tc", "qdisc", "show", "dev", mirrors().getFirst()))
        .contains("rate 5Mbit");
    assertThat(Talk.tcp(node.namespace, added.ip(), 80)).contains("refused");
  }

  @Test
  void aRateWithoutBurstIsRefusedAndNothingIsLeft() {
    List<String> before = node.remains();

    assertThat(container.add(limited("\"ingressRate\":1000")).assertError(Code.INVALID_CONFIG))
        .contains("ingressRate is 1000 and ingressBurst is 0; both must be set");

    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void limitsOutliveTheAgent() {
    String config = limited(INGRESS + "," + EGRESS);
    Answer added = container.add(config);
    List<String> before = node.remains();

    node.start();

    assertThat(node.remains()).isEqualTo(before);
    container.check(config, added).assertDone();
  }
}
