package io.denim.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.linux.netlink.NetlinkMonitor.Change;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import io.denim.plan.Desired.ForwardingEntry;
import io.denim.plan.Desired.NeighbourEntry;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TunnelPlanTest {
  private static final int TUNNEL = 3;

  private final TunnelPlan plan = new TunnelPlan();

  @BeforeEach
  void aTunnel() {
    plan.tunnels(Set.of(TUNNEL));
  }

  private static ForwardingEntry entry(int mac, String remote) {
    return new ForwardingEntry("flannel.1", MacAddress.local(mac), IpAddress.parse(remote));
  }

  private boolean made(int mac, String remote) {
    return !plan.isBroken(news(mac, remote, false));
  }

  private boolean deleted(int mac, String remote) {
    return !plan.isBroken(news(mac, remote, true));
  }

  private static Change.ForwardingChanged news(int mac, String remote, boolean deleted) {
    return new Change.ForwardingChanged(
        0, TUNNEL, MacAddress.local(mac), Optional.of(IpAddress.parse(remote)), deleted);
  }

  @Test
  void whatIsMadeAsPlannedIsNoNewsAndWhatIsMadeOtherwiseIs() {
    plan.set(List.of(), List.of(entry(1, "192.168.1.1"), entry(2, "192.168.1.2")));
    assertThat(made(1, "192.168.1.1")).isTrue();
    assertThat(made(1, "192.168.1.9")).isFalse();
    assertThat(made(3, "192.168.1.3")).isFalse();
    assertThat(deleted(1, "192.168.1.1")).isFalse();
    assertThat(deleted(1, "192.168.1.9")).isTrue();
    assertThat(deleted(3, "192.168.1.3")).isTrue();
    plan.set(List.of(), List.of(entry(2, "192.168.1.2")));
    assertThat(made(1, "192.168.1.1")).isFalse();
    assertThat(deleted(1, "192.168.1.1")).isTrue();
  }

  @Test
  void aPlanIsChangedInPlaces() {
    plan.set(List.of(), List.of(entry(1, "192.168.1.1"), entry(2, "192.168.1.2")));
    plan.remove(List.of(), List.of(entry(1, "192.168.1.1")));
    plan.add(List.of(), List.of(entry(7, "192.168.1.1")));
    assertThat(deleted(1, "192.168.1.1")).isTrue();
    assertThat(made(7, "192.168.1.1")).isTrue();
    assertThat(made(2, "192.168.1.2")).isTrue();
    plan.remove(List.of(), List.of(entry(2, "192.168.1.2")));
    plan.add(List.of(), List.of(entry(2, "192.168.1.22")));
    assertThat(made(2, "192.168.1.2")).isFalse();
    assertThat(made(2, "192.168.1.22")).isTrue();
  }

  @Test
  void theTunnelsOfBothFamiliesMayHaveOneHardwareAddress() {
    plan.set(List.of(), List.of(entry(1, "192.168.1.1"), entry(1, "fd00::1")));
    assertThat(made(1, "192.168.1.1")).isTrue();
    assertThat(made(1, "fd00::1")).isTrue();
  }

  @Test
  void anEntryWithoutARemoteIsNoneOfThePlan() {
    assertThat(
            plan.isBroken(
                new Change.ForwardingChanged(
                    0, TUNNEL, MacAddress.local(1), Optional.empty(), true)))
        .isTrue();
  }

  @Test
  void neighboursAreAsPlannedToo() {
    IpAddress address = IpAddress.parse("10.244.2.0");
    List<NeighbourEntry> entry =
        List.of(new NeighbourEntry("flannel.1", address, MacAddress.local(2)));
    plan.set(entry, List.of());
    assertThat(plan.isBroken(neighbour(address, 2, false))).isFalse();
    assertThat(plan.isBroken(neighbour(address, 3, false))).isTrue();
    assertThat(plan.isBroken(neighbour(address, 2, true))).isTrue();
    plan.remove(entry, List.of());
    assertThat(plan.isBroken(neighbour(address, 2, true))).isFalse();
    assertThat(plan.isBroken(neighbour(address, 2, false))).isTrue();
  }

  private static Change.NeighbourChanged neighbour(IpAddress address, int mac, boolean deleted) {
    return new Change.NeighbourChanged(
        0, TUNNEL, address, Optional.of(MacAddress.local(mac)), deleted);
  }

  @Test
  void otherLinksAreNoneOfItsBusiness() {
    plan.tunnels(Set.of(4));
    assertThat(made(1, "192.168.1.1")).isTrue();
    assertThat(plan.isBroken(neighbour(IpAddress.parse("10.244.2.0"), 2, true))).isFalse();
  }
}
