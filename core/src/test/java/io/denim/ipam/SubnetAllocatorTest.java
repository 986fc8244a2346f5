package io.denim.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.denim.ipam.AllocationException.Reason;
import io.denim.model.BackendData;
import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.model.SubnetEnv;
import io.denim.model.SubnetKey;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import io.denim.store.Entry;
import io.denim.store.Key;
import io.denim.store.Lifetime;
import io.denim.store.MemoryStore;
import io.denim.store.Store;
import io.denim.store.TestClock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SubnetAllocatorTest {
  private static final FlannelConfig CONFIG =
      config("\"Network\":\"10.3.0.0/16\",\"SubnetMin\":\"10.3.1.0\",\"SubnetMax\":\"10.3.25.0\"");
  private static final FlannelConfig DUAL =
      config(
          "\"Network\":\"10.3.0.0/16\",\"SubnetMin\":\"10.3.1.0\",\"SubnetMax\":\"10.3.25.0\","
              + "\"EnableIPv6\":true,\"IPv6Network\":\"fd00:3::/48\"");
  private static final Optional<SubnetEnv> NOTHING = Optional.empty();

  private final TestClock clock = new TestClock();
  private final Store store = new MemoryStore(clock);
  private final SubnetAllocator allocator = allocator(7);

  private SubnetAllocator allocator(int seed) {
    return new SubnetAllocator(store, new Random(seed), (attempt, random) -> {});
  }

  private static FlannelConfig config(String keys) {
    return FlannelConfig.parse("{" + keys + ",\"Backend\":{\"Type\":\"vxlan\"}}");
  }

  private static FlannelLease at(String address) {
    return new FlannelLease(
        IpAddress.parse(address),
        Optional.empty(),
        "vxlan",
        Optional.of(new BackendData.Vxlan(OptionalInt.of(1), MacAddress.local(7))),
        Optional.empty());
  }

  private static Optional<SubnetEnv> before(String network, String subnet) {
    return Optional.of(
        new SubnetEnv(
            Optional.of(SubnetEnv.Part.of(Cidr.parse(network), Cidr.parse(subnet))),
            Optional.empty(),
            1450,
            true));
  }

  /** A lease that flannel made. */
  private Entry lease(String key, String address) {
    return store.create(
        FlannelLayout.lease(SubnetKey.parse(key)),
        at(address).format(),
        Lifetime.ttl(SubnetAllocator.LEASE_TIME));
  }

  private Optional<Entry> leaseAt(Acquired acquired) {
    return store.get(acquired.entry().key());
  }

  private static String v4(Acquired acquired) {
    return acquired.record().v4().orElseThrow().toString();
  }

  @Test
  void aNewNodeGetsAFreeSubnetForADay() {
    for (String taken : List.of("10.3.1.0-24", "10.3.2.0-24", "10.3.4.0-24", "10.3.5.0-24")) {
      lease(taken, "1.1.1." + taken.charAt(5));
    }
    lease("10.3.31.0-24", "1.1.1.31");

    Acquired acquired = allocator.acquire("n1", CONFIG, at("1.2.3.4"), NOTHING);

    assertThat(acquired.fresh()).isTrue();
    assertThat(CONFIG.ipv4().orElseThrow().allows(acquired.record().v4().orElseThrow())).isTrue();
    assertThat(v4(acquired)).isNotIn("10.3.1.0/24", "10.3.2.0/24", "10.3.4.0/24", "10.3.5.0/24");
    assertThat(leaseAt(acquired).orElseThrow().value()).isEqualTo(at("1.2.3.4").format());
    assertThat(leaseAt(acquired).orElseThrow().timeToLive()).contains(Duration.ofHours(24));
  }

  @Test
  void aNodeThatComesBackKeepsItsSubnet() {
    Acquired first = allocator.acquire("n1", CONFIG, at("1.2.3.4"), NOTHING);

    Acquired second = allocator(8).acquire("n1", CONFIG, at("1.2.3.4"), NOTHING);

    assertThat(v4(second)).isEqualTo(v4(first));
    assertThat(second.fresh()).isFalse();
    assertThat(second.how()).endsWith("it is this node's");
  }

  @Test
  void aNodeThatFlannelRanKeepsItsSubnet() {
    lease("10.3.9.0-24", "1.2.3.4");

    Acquired acquired = allocator.acquire("n1", CONFIG, at("1.2.3.4"), NOTHING);

    assertThat(v4(acquired)).isEqualTo("10.3.9.0/24");
    assertThat(acquired.how()).endsWith("it stands under this node's public address");
  }

  @Test
  void aNodeWithANewAddressKeepsItsSubnet() {
    Acquired first = allocator.acquire("n1", CONFIG, at("1.2.3.4"), NOTHING);

    Acquired moved = allocator.acquire("n1", CONFIG, at("5.6.7.8"), NOTHING);
    Acquired again = allocator.acquire("n1", CONFIG, at("9.9.9.9"), NOTHING);

    assertThat(v4(moved)).isEqualTo(v4(first));
    assertThat(v4(again)).isEqualTo(v4(first));
    assertThat(leaseAt(again).orElseThrow().value()).isEqualTo(at("9.9.9.9").format());
    assertThat(store.list(FlannelLayout.SUBNETS).entries()).hasSize(1);
  }

  @Test
  void twoNodesThatSwapAddressesKeepTheirSubnets() {
    Acquired a = allocator.acquire("a", CONFIG, at("1.1.1.1"), NOTHING);
    Acquired b = allocator.acquire("b", CONFIG, at("2.2.2.2"), NOTHING);

    Acquired a2 = allocator.acquire("a", CONFIG, at("2.2.2.2"), NOTHING);
    Acquired b2 = allocator.acquire("b", CONFIG, at("1.1.1.1"), NOTHING);

    assertThat(v4(a2)).isEqualTo(v4(a));
    assertThat(v4(b2)).isEqualTo(v4(b));
  }

  @Test
  void theSubnetOfTheLastRunIsTakenIfItIsFree() {
    Acquired acquired =
        allocator.acquire("n1", CONFIG, at("1.2.3.4"), before("10.3.0.0/16", "10.3.6.0/24"));

    assertThat(v4(acquired)).isEqualTo("10.3.6.0/24");
    assertThat(acquired.how()).isEqualTo("10.3.6.0-24: IPv4 as before");
  }

  @Test
  void theSubnetOfTheLastRunIsNotTakenFromAnother() {
    lease("10.3.6.0-24", "1.1.1.1");

    Acquired acquired =
        allocator.acquire("n1", CONFIG, at("1.2.3.4"), before("10.3.0.0/16", "10.3.6.0/24"));

    assertThat(v4(acquired)).isNotEqualTo("10.3.6.0/24");
    assertThat(acquired.how()).endsWith("IPv4 was free");
  }

  @Test
  void aSubnetOfAnotherNetworkIsNotTaken() {
    Acquired acquired =
        allocator.acquire("n1", CONFIG, at("1.2.3.4"), before("10.4.0.0/16", "10.4.1.0/24"));

    assertThat(v4(acquired)).startsWith("10.3.");
  }

  @Test
  void anotherNetworkMeansAnotherSubnetAndTheOldLeaseGoes() {
    Acquired old = allocator.acquire("n1", CONFIG, at("1.2.3.4"), NOTHING);

    Acquired acquired =
        allocator.acquire("n1", config("\"Network\":\"10.4.0.0/16\""), at("1.2.3.4"), NOTHING);

    assertThat(v4(acquired)).startsWith("10.4.");
    assertThat(leaseAt(old)).isEmpty();
    assertThat(leaseAt(acquired)).isPresent();
  }

  @Test
  void switchingIpv6OnKeepsTheIpv4Subnet() {
    Acquired old = allocator.acquire("n1", CONFIG, at("1.2.3.4"), NOTHING);

    Acquired dual = allocator.acquire("n1", DUAL, at("1.2.3.4"), NOTHING);
    Acquired back = allocator.acquire("n1", CONFIG, at("1.2.3.4"), NOTHING);

    assertThat(v4(dual)).isEqualTo(v4(old));
    assertThat(dual.record().v6().orElseThrow().toString()).startsWith("fd00:3:0:");
    assertThat(v4(back)).isEqualTo(v4(old));
    assertThat(store.list(FlannelLayout.SUBNETS).entries()).hasSize(1);
  }

  @Test
  void aNodeThatWasAwayForDaysComesBackToItsSubnetIfItIsFree() {
    Acquired first = allocator.acquire("n1", CONFIG, at("1.2.3.4"), NOTHING);
    clock.pass(Duration.ofDays(3));

    Acquired again = allocator(8).acquire("n1", CONFIG, at("5.6.7.8"), NOTHING);

    assertThat(v4(again)).isEqualTo(v4(first));
    assertThat(again.fresh()).isTrue();
  }

  @Test
  void aNodeThatWasAwayForDaysGetsAnotherSubnetIfItsOwnIsTaken() {
    Acquired first = allocator.acquire("n1", CONFIG, at("1.2.3.4"), NOTHING);
    clock.pass(Duration.ofDays(3));
    Entry others = lease(first.record().key().orElseThrow().toString(), "1.1.1.1");

    Acquired again = allocator.acquire("n1", CONFIG, at("1.2.3.4"), NOTHING);

    assertThat(v4(again)).isNotEqualTo(v4(first));
    assertThat(store.get(others.key())).contains(others);
  }

  @Test
  void twoNodesWithOneAddressDoNotFight() {
    Acquired first = allocator.acquire("n1", CONFIG, at("10.0.2.15"), NOTHING);

    AllocationException refused =
        catchThrowableOfType(
            AllocationException.class,
            () -> allocator.acquire("n2", CONFIG, at("10.0.2.15"), NOTHING));

    assertThat(refused.reason()).isEqualTo(Reason.ADDRESS_OF_ANOTHER);
    assertThat(refused.holder()).contains("n1");
    assertThat(refused).hasMessageContaining("10.0.2.15").hasMessageContaining("node n1");
    assertThat(leaseAt(first)).contains(first.entry());
  }

  @Test
  void aReservationStaysOneThroughAcquiringAndRenewing() {
    store.create(
        FlannelLayout.lease(SubnetKey.parse("10.3.9.0-24")),
        "{\"PublicIP\":\"1.2.3.4\"}",
        Lifetime.permanent());

    Acquired acquired = allocator.acquire("n1", CONFIG, at("1.2.3.4"), NOTHING);
    Acquired renewed = allocator.renew(acquired, at("1.2.3.4"));

    assertThat(v4(acquired)).isEqualTo("10.3.9.0/24");
    assertThat(acquired.entry().permanent()).isTrue();
    assertThat(renewed.entry().permanent()).isTrue();
    assertThat(renewed.untilRenewal(SubnetAllocator.RENEW_MARGIN)).isEmpty();
    assertThat(leaseAt(renewed).orElseThrow().value()).isEqualTo(at("1.2.3.4").format());
  }

  @Test
  void whenAllIsTakenTheErrorSaysWhatToDo() {
    FlannelConfig tiny =
        config("\"Network\":\"10.3.0.0/16\",\"SubnetMin\":\"10.3.1.0\",\"SubnetMax\":\"10.3.2.0\"");
    lease("10.3.1.0-24", "1.1.1.1");
    lease("10.3.2.0-25", "1.1.1.2");

    AllocationException refused =
        catchThrowableOfType(
            AllocationException.class, () -> allocator.acquire("n1", tiny, at("1.2.3.4"), NOTHING));

    assertThat(refused.reason()).isEqualTo(Reason.EXHAUSTED);
    assertThat(refused)
        .hasMessageContaining("all 2 subnets of length 24 from 10.3.1.0 to 10.3.2.0")
        .hasMessageContaining("2 leases")
        .hasMessageContaining("widen SubnetMin to SubnetMax");
  }

  @Test
  void aLeaseThatCannotBeReadStillTakesItsSubnet() {
    FlannelConfig tiny =
        config("\"Network\":\"10.3.0.0/16\",\"SubnetMin\":\"10.3.1.0\",\"SubnetMax\":\"10.3.2.0\"");
    store.create(
        FlannelLayout.lease(SubnetKey.parse("10.3.1.0-24")), "nonsense", Lifetime.permanent());
    store.create(new Key(FlannelLayout.SUBNETS, "nonsense"), "x", Lifetime.permanent());

    assertThat(v4(allocator.acquire("n1", tiny, at("1.2.3.4"), NOTHING))).isEqualTo("10.3.2.0/24");
  }

  @Test
  void ipv6AloneIsRefusedWithTheReason() {
    FlannelConfig only =
        config("\"EnableIPv4\":false,\"EnableIPv6\":true,\"IPv6Network\":\"fd00:3::/48\"");

    assertThat(
            catchThrowableOfType(
                AllocationException.class,
                () -> allocator.acquire("n1", only, at("1.2.3.4"), NOTHING)))
        .hasMessageContaining("begin with an IPv4 subnet")
        .extracting(AllocationException::reason)
        .isEqualTo(Reason.NOT_POSSIBLE);
  }

  @Test
  void renewalBringsTheTimeBackToADay() {
    Acquired acquired = allocator.acquire("n1", CONFIG, at("1.2.3.4"), NOTHING);
    clock.pass(Duration.ofHours(23));

    Acquired renewed = allocator.renew(acquired, at("1.2.3.4"));

    assertThat(leaseAt(renewed).orElseThrow().timeToLive()).contains(Duration.ofHours(24));
    assertThat(renewed.untilRenewal(SubnetAllocator.RENEW_MARGIN)).contains(Duration.ofHours(23));
    assertThat(leaseAt(renewed).orElseThrow().value()).isEqualTo(at("1.2.3.4").format());
  }

  @Test
  void renewalToleratesThatFlannelWroteTheLease() {
    Acquired acquired = allocator.acquire("n1", CONFIG, at("1.2.3.4"), NOTHING);
    store.replace(
        acquired.entry().key(),
        at("1.2.3.4").format(),
        acquired.entry().revision(),
        Lifetime.ttl(Duration.ofMinutes(1)));

    Acquired renewed = allocator.renew(acquired, at("1.2.3.4"));

    assertThat(leaseAt(renewed).orElseThrow().timeToLive()).contains(Duration.ofHours(24));
    assertThat(renewed.how()).isEqualTo("renewed after a change");
  }

  @Test
  void renewalMovesTheLeaseToANewAddress() {
    Acquired acquired = allocator.acquire("n1", CONFIG, at("1.2.3.4"), NOTHING);

    Acquired renewed = allocator.renew(acquired, at("5.6.7.8"));
    Acquired restarted = allocator.acquire("n1", CONFIG, at("5.6.7.8"), NOTHING);

    assertThat(v4(renewed)).isEqualTo(v4(acquired));
    assertThat(v4(restarted)).isEqualTo(v4(acquired));
  }

  @Test
  void aLeaseThatVanishedIsPutBack() {
    Acquired acquired = allocator.acquire("n1", CONFIG, at("1.2.3.4"), NOTHING);
    clock.pass(Duration.ofDays(2));

    Acquired renewed = allocator.renew(acquired, at("1.2.3.4"));

    assertThat(v4(renewed)).isEqualTo(v4(acquired));
    assertThat(renewed.how()).isEqualTo("put back after it had vanished");
  }

  @Test
  void renewalNeverWritesOverAnotherHolder() {
    Acquired acquired = allocator.acquire("n1", CONFIG, at("1.2.3.4"), NOTHING);
    clock.pass(Duration.ofDays(2));
    Entry others = lease(acquired.record().key().orElseThrow().toString(), "1.1.1.1");

    AllocationException refused =
        catchThrowableOfType(
            AllocationException.class, () -> allocator.renew(acquired, at("1.2.3.4")));

    assertThat(refused.reason()).isEqualTo(Reason.HELD_BY_ANOTHER);
    assertThat(refused.holder()).contains("1.1.1.1");
    assertThat(store.get(others.key())).contains(others);
  }

  @Test
  void whatNobodyCanReadUnderTheNodesOwnSubnetIsMendedByRenewalAndByAStart() {
    Acquired first = allocator.acquire("n1", CONFIG, at("1.2.3.4"), NOTHING);
    spoil(first);

    Acquired renewed = allocator.renew(first, at("1.2.3.4"));

    assertThat(leaseAt(renewed).orElseThrow().value()).isEqualTo(at("1.2.3.4").format());
    spoil(renewed);
    assertThat(v4(allocator(8).acquire("n1", CONFIG, at("1.2.3.4"), NOTHING))).isEqualTo(v4(first));
  }

  @Test
  void whatNobodyCanReadIsNotMendedByANodeWhoseSubnetAnotherHasTaken() {
    Acquired first = allocator.acquire("n1", CONFIG, at("1.2.3.4"), NOTHING);
    store.delete(first.entry().key(), leaseAt(first).orElseThrow().revision());
    Acquired taken =
        allocator(8).acquire("n2", CONFIG, at("1.2.3.5"), before("10.3.0.0/16", v4(first)));
    assertThat(v4(taken)).isEqualTo(v4(first));
    spoil(taken);

    AllocationException refused =
        catchThrowableOfType(
            AllocationException.class, () -> allocator.renew(first, at("1.2.3.4")));

    assertThat(refused.reason()).isEqualTo(Reason.HELD_BY_ANOTHER);
    assertThat(refused).hasMessageContaining("held by node n2");
  }

  private void spoil(Acquired acquired) {
    Entry now = leaseAt(acquired).orElseThrow();
    store.replace(now.key(), "rubbish", now.revision(), Lifetime.ttl(SubnetAllocator.LEASE_TIME));
  }

  @Test
  void aSubnetThatIsGivenBackIsFree() {
    Acquired acquired = allocator.acquire("n1", CONFIG, at("1.2.3.4"), NOTHING);

    allocator.release(acquired);

    assertThat(store.list(FlannelLayout.SUBNETS).entries()).isEmpty();
    assertThat(store.list(FlannelLayout.NODES).entries()).isEmpty();
  }

  @Test
  void aHundredNodesAtOnceGetAHundredSubnets() throws InterruptedException {
    assertThat(atOnce(config("\"Network\":\"10.3.0.0/16\""))).doesNotHaveDuplicates().hasSize(100);
  }

  @Test
  void aHundredNodesAtOnceFillARangeOfAHundred() throws InterruptedException {
    FlannelConfig tight =
        config(
            "\"Network\":\"10.3.0.0/16\",\"SubnetMin\":\"10.3.1.0\",\"SubnetMax\":\"10.3.100.0\"");

    assertThat(atOnce(tight)).doesNotHaveDuplicates().hasSize(100);
  }

  @Test
  void aHundredDualStackNodesAtOnceShareNoSubnet() throws InterruptedException {
    FlannelConfig dual =
        config(
            "\"Network\":\"10.3.0.0/16\",\"SubnetMin\":\"10.3.1.0\",\"SubnetMax\":\"10.3.120.0\","
                + "\"EnableIPv6\":true,\"IPv6Network\":\"fd00:3::/48\"");

    assertThat(atOnce(dual)).doesNotHaveDuplicates().hasSize(100);
    assertThat(
            store.list(FlannelLayout.SUBNETS).entries().stream()
                .map(entry -> SubnetKey.parse(entry.key().name()).v6()))
        .doesNotHaveDuplicates();
  }

  /** The IPv4 subnets that a hundred nodes got. */
  private List<String> atOnce(FlannelConfig config) throws InterruptedException {
    ConcurrentLinkedQueue<String> subnets = new ConcurrentLinkedQueue<>();
    List<Thread> nodes =
        IntStream.range(0, 100)
            .mapToObj(i ->
                Thread.startVirtualThread(() ->
                    subnets.add(
                        v4(allocator(i).acquire("n" + i, config, at("1.2.3." + i), NOTHING)))))
            .toList();
    for (Thread node : nodes) {
      node.join();
    }
    return List.copyOf(subnets);
  }
}
