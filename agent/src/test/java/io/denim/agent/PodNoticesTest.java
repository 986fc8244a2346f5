package io.denim.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.linux.netlink.NetlinkMonitor.Change;
import io.denim.linux.netlink.NetlinkMonitor.Topic;
import io.denim.state.PodPorts;
import java.util.EnumSet;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class PodNoticesTest {
  private static final int PORT = 7;
  private static final int BRIDGE = 3;

  private final PodNotices notices = new PodNotices();

  private boolean link(int group, int master) {
    return notices.isOfPods(new Change.LinkChanged(0, PORT, OptionalInt.of(group), master, false));
  }

  private boolean address() {
    return notices.isOfPods(new Change.Changed(Topic.ADDRESS, 0, PORT));
  }

  @Test
  void aPortThatIsMadeIsOfPodsWithItsAddressesAndRoutes() {
    assertThat(link(PodPorts.GROUP, 0)).isTrue();
    assertThat(link(PodPorts.GROUP, BRIDGE)).isTrue();
    assertThat(address()).isTrue();
    assertThat(notices.isOfPods(new Change.Changed(Topic.ROUTE, 0, PORT))).isTrue();
    assertThat(
            notices.isOfPods(new Change.LinkChanged(0, PORT, OptionalInt.empty(), BRIDGE, false)))
        .as("what the bridge tells of it")
        .isTrue();
  }

  @Test
  void anotherDeviceIsNot() {
    assertThat(link(0, 0)).isFalse();
    assertThat(address()).isFalse();
    assertThat(notices.isOfPods(new Change.Changed(Topic.NFTABLES, 0, 0))).isFalse();
  }

  @Test
  void aPortThatIsTakenFromItsBridgeConcernsTheNode() {
    link(PodPorts.GROUP, BRIDGE);

    assertThat(link(PodPorts.GROUP, 0)).isFalse();
    assertThat(link(PodPorts.GROUP, BRIDGE)).as("and is put back").isTrue();
    assertThat(link(PodPorts.GROUP, BRIDGE + 1)).isFalse();
  }

  @Test
  void aDyingPortLeavesItsBridgeWithoutAWord() {
    link(PodPorts.GROUP, BRIDGE);

    assertThat(link(PodPorts.DYING, BRIDGE)).isTrue();
    assertThat(link(PodPorts.DYING, 0)).isTrue();
  }

  @Test
  void theNumberOfADeletedPortMayBeAnothersNext() {
    link(PodPorts.GROUP, BRIDGE);

    assertThat(
            notices.isOfPods(
                new Change.LinkChanged(0, PORT, OptionalInt.of(PodPorts.DYING), 0, true)))
        .isTrue();
    assertThat(address()).isFalse();
  }

  @Test
  void afterAnOverrunNothingIsKnown() {
    link(PodPorts.GROUP, BRIDGE);

    assertThat(notices.isOfPods(new Change.Overrun(EnumSet.allOf(Topic.class)))).isFalse();
    assertThat(address()).isFalse();
  }
}
