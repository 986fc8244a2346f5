package io.denim.linux.nft;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.linux.BridgedHost;
import io.denim.linux.Libc;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Neighbour;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.nft.TableState.Chain;
import io.denim.linux.nft.TableState.Data;
import io.denim.linux.nft.TableState.Hook;
import io.denim.linux.nft.TableState.NamedSet;
import io.denim.linux.nft.TableState.Point;
import io.denim.linux.nft.TableState.Rule;
import io.denim.linux.nft.TableState.ValueType;
import io.denim.linux.ns.Namespace;
import io.denim.linux.packet.PacketCapture;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Frames of a bridge's ports with forged senders. */
class BridgeGuardIT {
  private static final MacAddress FORGED = MacAddress.parse("02:00:00:00:de:ad");

  private static final int AF_PACKET = 17;
  private static final int SOCK_RAW = 3;

  private BridgedHost net;
  private Nftables nft;

  @BeforeEach
  void open() {
    net = new BridgedHost();
    nft = Nftables.open(net.host);
  }

  @AfterEach
  void close() {
    nft.close();
    net.close();
  }

  @SafeVarargs
  private static Rule dropped(List<Expr>... parts) {
    List<Expr> exprs = new ArrayList<>();
    for (List<Expr> part : parts) {
      exprs.addAll(part);
    }
    exprs.add(new Expr.Decide(new Verdict.Drop()));
    return new Rule(exprs, "");
  }

  private static TableState guard() {
    Bytes port = Bytes.name("veth10");
    return new TableState(
        TableState.Family.BRIDGE,
        "denim_guard",
        List.of(
            new NamedSet(
                "guarded",
                ValueType.IFNAME,
                Optional.empty(),
                new TreeMap<>(Map.of(port, new Data.None()))),
            new NamedSet(
                "allowed",
                Field.keyType(Field.IIFNAME, Field.ETHER_SADDR),
                Optional.empty(),
                new TreeMap<>(
                    Map.of(
                        Bytes.concatenation(port, Bytes.mac(BridgedHost.mac(10))),
                        new Data.None())))),
        List.of(
            new Chain(
                "prerouting",
                Optional.of(new Hook("filter", Point.PREROUTING, -300, true)),
                List.of(
                    dropped(
                        Match.in("guarded", Field.IIFNAME),
                        Match.notIn("allowed", Field.IIFNAME, Field.ETHER_SADDR)),
                    dropped(
                        Match.in("guarded", Field.IIFNAME),
                        Match.arp(),
                        Match.notIn("allowed", Field.IIFNAME, Field.ARP_SADDR_ETHER))))));
  }

  private static void mac(Namespace pod, MacAddress mac) {
    try (Rtnetlink inside = Rtnetlink.open(pod)) {
      inside.execute(Links.mac(inside.link("eth0").orElseThrow().index(), mac));
    }
  }

  @Test
  void theTableIsReadBackAsItWasWrittenAndPrintedAsAPersonWouldWriteIt() {
    nft.replace(guard());
    assertThat(nft.read(TableState.Family.BRIDGE, "denim_guard")).contains(guard());
    assertThat(BridgedHost.run(net.host, "nft", "list", "ruleset"))
        .contains("table bridge denim_guard")
        .contains("type filter hook prerouting priority dstnat; policy accept;")
        .contains("elements = { \"veth10\" }")
        .contains("type ifname . ether_addr")
        .contains("elements = { \"veth10\" . " + BridgedHost.mac(10) + " }")
        .contains("iifname @guarded iifname . ether saddr != @allowed drop")
        .contains("iifname . arp saddr ether != @allowed drop");
  }

  @Test
  void aGuardedPortPassesFramesOfItsAddressOnly() {
    Namespace guarded = net.pod(10);
    Namespace free = net.pod(11);
    net.answerTcp(net.host, 80, "host");
    nft.replace(guard());

    assertThat(BridgedHost.tcp(guarded, "10.1.0.1", 80)).isEqualTo("host 10.1.0.10");
    mac(guarded, FORGED);
    assertThat(BridgedHost.tcp(guarded, "10.1.0.1", 80)).contains("timed out");
    mac(free, MacAddress.parse("02:00:00:00:be:ef"));
    assertThat(BridgedHost.tcp(free, "10.1.0.1", 80)).isEqualTo("host 10.1.0.11");
    mac(guarded, BridgedHost.mac(10));
    assertThat(BridgedHost.tcp(guarded, "10.1.0.1", 80)).isEqualTo("host 10.1.0.10");
    assertThat(net.kernel.neighbours(net.bridge))
        .filteredOn(neighbour -> neighbour.address().equals(IpAddress.parse("10.1.0.10")))
        .extracting(Neighbour::mac)
        .containsExactly(Optional.of(BridgedHost.mac(10)));
  }

  /** An ARP request of this sender in a frame of the pod's own address. */
  private static byte[] request(MacAddress sender) {
    var frame = new java.io.ByteArrayOutputStream();
    frame.writeBytes(HexFormat.of().parseHex("ffffffffffff"));
    frame.writeBytes(BridgedHost.mac(10).bytes());
    frame.writeBytes(HexFormat.of().parseHex("08060001080006040001"));
    frame.writeBytes(sender.bytes());
    frame.writeBytes(HexFormat.of().parseHex("0a01000a0000000000000a010063"));
    return frame.toByteArray();
  }

  private static void send(Namespace pod, byte[] frame) {
    try (Rtnetlink inside = Rtnetlink.open(pod);
        Arena arena = Arena.ofShared()) {
      var state = new Libc.CallState(arena);
      int fd = pod.call(() -> Libc.socket(state, AF_PACKET, SOCK_RAW, 0));
      MemorySegment address = arena.allocate(20, 4);
      address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_PACKET);
      address.set(ValueLayout.JAVA_INT, 4, inside.link("eth0").orElseThrow().index());
      MemorySegment octets = arena.allocateFrom(ValueLayout.JAVA_BYTE, frame);
      assertThat(Libc.sendto(state, fd, octets, 0, address)).isEqualTo(frame.length);
      Libc.close(state, fd);
    }
  }

  @Test
  void anArpRequestThatNamesAnotherSenderIsDropped() {
    Namespace guarded = net.pod(10);
    nft.replace(guard());
    try (PacketCapture bridge = PacketCapture.open(net.host, net.bridge)) {
      send(guarded, request(FORGED));
      send(guarded, request(BridgedHost.mac(10)));

      Optional<PacketCapture.Frame> arp = bridge.next(Duration.ofSeconds(5));
      while (arp.isPresent() && arp.get().be16(12) != 0x0806) {
        arp = bridge.next(Duration.ofSeconds(5));
      }

      assertThat(arp).isPresent();
      assertThat(Arrays.copyOfRange(arp.get().bytes(), 22, 28))
          .isEqualTo(BridgedHost.mac(10).bytes());
    }
  }
}
