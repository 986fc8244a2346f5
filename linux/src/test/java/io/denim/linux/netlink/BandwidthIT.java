package io.denim.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.linux.BridgedHost;
import io.denim.linux.ns.Namespace;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Limits of what goes to a pod and comes from it, as the reference bandwidth plugin sets them. */
class BandwidthIT {
  private static final Duration LATENCY = Duration.ofMillis(25);
  private static final int RATE = 2_000_000;
  private static final int SENT = 1_000_000;

  private BridgedHost net;
  private Namespace pod;
  private int veth;

  @BeforeEach
  void open() {
    net = new BridgedHost();
    pod = net.pod(10);
    veth = net.link("veth10").index();
  }

  @AfterEach
  void close() {
    net.close();
  }

  private int ifb() {
    net.kernel.execute(
        Links.create(Links.Spec.of("bwp0", new LinkKind.Ifb()).mtu(1500).upAtOnce()));
    return net.link("bwp0").index();
  }

  private String tc(String... arguments) {
    String[] command = new String[arguments.length + 1];
    command[0] = "tc";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    return BridgedHost.run(net.host, command);
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

  private double toPod() throws Exception {
    return rate(net.host, pod, "10.1.0.10");
  }

  private double fromPod() throws Exception {
    return rate(pod, net.host, "10.1.0.1");
  }

  @Test
  void whatGoesToThePodIsLimitedAndTheOtherWayIsNot() throws Exception {
    var limit = Qdisc.root(veth, Qdisc.Tbf.of(RATE, 64_000, LATENCY));

    net.kernel.execute(limit.replace());

    assertThat(toPod()).isBetween(RATE / 3.0, RATE * 3.0);
    assertThat(fromPod()).isGreaterThan(RATE * 3.0);
    assertThat(net.kernel.qdiscs(veth)).containsExactly(limit);
    net.kernel.execute(limit.delete());
    assertThat(net.kernel.qdiscs(veth)).doesNotContain(limit);
    assertThat(toPod()).isGreaterThan(RATE * 3.0);
  }

  @Test
  void whatComesFromThePodIsLimitedAndTheOtherWayIsNot() throws Exception {
    int ifb = ifb();
    var limit = Qdisc.root(ifb, Qdisc.Tbf.of(RATE, 64_000, LATENCY));
    var redirect = new Redirect(veth, ifb);

    net.kernel.execute(limit.replace());
    net.kernel.execute(Qdisc.ingress(veth).replace());
    net.kernel.execute(redirect.create());

    assertThat(fromPod()).isBetween(RATE / 3.0, RATE * 3.0);
    assertThat(toPod()).isGreaterThan(RATE * 3.0);
    assertThat(net.kernel.qdiscs(veth)).contains(Qdisc.ingress(veth));
    assertThat(net.kernel.redirects(veth)).containsExactly(redirect);
    assertThat(net.kernel.link(ifb).orElseThrow().kind()).isEqualTo(new LinkKind.Ifb());
    net.kernel.execute(Qdisc.ingress(veth).delete());
    assertThat(net.kernel.redirects(veth)).isEmpty();
    assertThat(fromPod()).isGreaterThan(RATE * 3.0);
  }

  @Test
  void tcPrintsWhatItPrintsForTheReferencePlugin() {
    int ifb = ifb();
    net.kernel.execute(Qdisc.root(veth, Qdisc.Tbf.of(1_000_000, 32_000, LATENCY)).replace());
    net.kernel.execute(Qdisc.ingress(veth).replace());
    net.kernel.execute(new Redirect(veth, ifb).create());
    assertThat(tc("qdisc", "show", "dev", "veth10"))
        .contains("qdisc tbf 1: root refcnt 3 rate 8Mbit burst 32000b lat 25ms")
        .contains("qdisc ingress ffff: parent ffff:fff1");
    assertThat(tc("filter", "show", "dev", "veth10", "parent", "ffff:"))
        .contains("filter protocol all pref 1 u32 chain 0 fh 800::800")
        .contains("flowid 1:1")
        .contains("match 00000000/00000000 at 0")
        .contains("action order 1: mirred (Egress Redirect to device bwp0) stolen");
    net.kernel.execute(Qdisc.root(veth, Qdisc.Tbf.of(125_000_000, 2_000_000, LATENCY)).replace());
    assertThat(tc("qdisc", "show", "dev", "veth10"))
        .contains("qdisc tbf 1: root refcnt 3 rate 1Gbit burst 2000000b lat 25ms");
    net.kernel.execute(Qdisc.root(veth, Qdisc.Tbf.of(1_000, 10_000, LATENCY)).replace());
    assertThat(tc("qdisc", "show", "dev", "veth10"))
        .contains("qdisc tbf 1: root refcnt 3 rate 8Kbit burst 10000b lat 25ms");
  }

  @Test
  void ratesBeyondThirtyTwoBitsAreReadBack() {
    var fast = Qdisc.Tbf.of(12_500_000_000L, 100_000_000, LATENCY);
    net.kernel.execute(Qdisc.root(veth, fast).replace());
    assertThat(net.kernel.qdiscs(veth))
        .singleElement()
        .satisfies(qdisc ->
            assertThat(qdisc.kind())
                .isInstanceOfSatisfying(
                    Qdisc.Tbf.class,
                    tbf -> {
                      assertThat(fast.sameAs(tbf)).isTrue();
                      assertThat(tbf.burst()).isBetween(99_999_000L, 100_000_000L);
                    }));
    assertThat(tc("qdisc", "show", "dev", "veth10")).contains("rate 100Gbit");
  }

  @Test
  void theDefaultsAreToldAndWhatIsNotThereIsNotDeleted() {
    assertThat(net.kernel.qdiscs(veth))
        .extracting(Qdisc::kind)
        .containsExactly(new Qdisc.Other("noqueue"));
    assertThat(net.kernel.redirects(veth)).isEmpty();
    assertThatThrownBy(() -> net.kernel.execute(Qdisc.ingress(veth).delete()))
        .hasMessageContaining("cannot delete qdisc ingress of link");
    assertThatThrownBy(() -> new Qdisc.Tbf(0, 1, 1))
        .hasMessageContaining("allowed: a rate above 0");
  }
}
