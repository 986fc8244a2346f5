package io.denim.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.ipam.AllocationException;
import io.denim.ipam.FlannelLayout;
import io.denim.model.BackendData;
import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.model.NodeFacts;
import io.denim.model.SubnetKey;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import io.denim.network.Membership.Held;
import io.denim.network.Membership.View;
import io.denim.state.Peer;
import io.denim.store.Entry;
import io.denim.store.FaultyStore;
import io.denim.store.Key;
import io.denim.store.Lifetime;
import io.denim.store.MemoryStore;
import io.denim.store.TestClock;
import io.denim.store.UnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LeasedMembershipTest {
  private static final String CONFIG =
      "{\"Network\":\"10.244.0.0/16\",\"Backend\":{\"Type\":\"vxlan\"}}";

  private final TestClock clock = new TestClock();
  private final MemoryStore memory = new MemoryStore(clock);
  private final FaultyStore store = new FaultyStore(memory);
  private final LeasedMembership n1 =
      new LeasedMembership("n1", store, Duration.ofMinutes(60), clock, new Random(1));
  private final AtomicInteger calls = new AtomicInteger();

  @AfterEach
  void close() {
    n1.close();
    store.close();
    memory.close();
  }

  private void follow() {
    n1.follow(calls::incrementAndGet);
  }

  private void put(Key key, String value) {
    put(memory, key, value);
  }

  private static void put(MemoryStore into, Key key, String value) {
    Optional<Entry> present = into.get(key);
    if (present.isPresent()) {
      into.replace(key, value, present.get().revision(), Lifetime.permanent());
    } else {
      into.create(key, value, Lifetime.permanent());
    }
  }

  private void delete(Key key) {
    memory.delete(key, memory.get(key).orElseThrow().revision());
  }

  private static Key lease(int subnet) {
    return FlannelLayout.lease(SubnetKey.parse("10.244." + subnet + ".0-24"));
  }

  private static FlannelLease vxlan(int address, int mac) {
    return new FlannelLease(
        IpAddress.parse("192.168.1." + address),
        Optional.empty(),
        "vxlan",
        Optional.of(new BackendData.Vxlan(OptionalInt.of(1), MacAddress.local(mac))),
        Optional.empty());
  }

  private static String said(int number) {
    return vxlan(number, number).format();
  }

  private static String facts(String node, int subnet, int address) {
    return new NodeFacts(
            node,
            SubnetKey.parse("10.244." + subnet + ".0-24"),
            List.of(IpAddress.parse("192.168.1." + address)))
        .format();
  }

  private Held join() {
    put(FlannelLayout.CONFIG, CONFIG);
    return n1.join(FlannelConfig.parse(CONFIG), vxlan(1, 1), Optional.empty());
  }

  private List<String> peers() {
    return n1.view().peers().stream().map(LeasedMembershipTest::words).toList();
  }

  private static String words(Peer peer) {
    String mac =
        peer.lease()
            .backendData()
            .map(data -> ((BackendData.Vxlan) data).mac().toString().substring(15))
            .orElse("");
    return peer.name() + " " + peer.subnetV4().orElseThrow() + " " + mac;
  }

  private static void soon(Runnable assertion) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(2))
        .untilAsserted(assertion::run);
  }

  /** All that happened before this has been told. */
  private void caughtUp() {
    put(lease(250), said(250));
    soon(() -> assertThat(peers()).anyMatch(peer -> peer.contains("10.244.250.0")));
  }

  @Test
  void beforeItFollowsNothingIsKnown() {
    assertThat(n1.view()).isEqualTo(View.NOTHING);
    assertThat(n1.published()).isEmpty();
  }

  @Test
  void theViewFollowsWhatIsPutAndDeletedAndSaysSo() {
    put(lease(2), said(2));
    follow();
    assertThat(peers()).containsExactly("192.168.1.2 10.244.2.0/24 02");
    int before = calls.get();

    put(lease(3), said(3));
    put(FlannelLayout.node("n3"), facts("n3", 3, 3));
    put(lease(2), vxlan(2, 22).format());
    soon(() ->
        assertThat(peers()).containsExactly("192.168.1.2 10.244.2.0/24 16", "n3 10.244.3.0/24 03"));
    assertThat(calls.get()).isGreaterThan(before);

    delete(lease(2));
    delete(FlannelLayout.node("n3"));
    soon(() -> assertThat(peers()).containsExactly("192.168.1.3 10.244.3.0/24 03"));
  }

  @Test
  void aPeerThatHasNotChangedIsTheSameObject() {
    put(lease(2), said(2));
    follow();
    Peer before = n1.view().peers().getFirst();
    put(lease(2), said(2));
    store.loseWatches();
    caughtUp();
    assertThat(n1.view().peers().getFirst()).isSameAs(before);
  }

  @Test
  void aBadRecordIsNamedAndSkippedAloneUntilItIsMended() {
    follow();
    put(lease(2), said(2));
    put(lease(3), "{\"PublicIP\":\"nowhere\"}");
    put(new Key(FlannelLayout.SUBNETS, "of-nobody"), said(4));
    caughtUp();
    assertThat(peers())
        .containsExactly("192.168.1.2 10.244.2.0/24 02", "192.168.1.250 10.244.250.0/24 fa");
    assertThat(n1.view().unreadable().keySet())
        .containsExactlyInAnyOrder("subnets/10.244.3.0-24", "subnets/of-nobody");
    assertThat(n1.view().unreadable().get("subnets/10.244.3.0-24")).contains("nowhere");

    put(lease(3), said(3));
    delete(new Key(FlannelLayout.SUBNETS, "of-nobody"));
    soon(() -> assertThat(n1.view().unreadable()).isEmpty());
    assertThat(peers()).contains("192.168.1.3 10.244.3.0/24 03");
  }

  @Test
  void aPeerWhoseRecordBecomesUnreadableKeepsItsWayAsBefore() {
    put(lease(2), said(2));
    follow();
    put(lease(2), "rubbish");
    soon(() -> assertThat(n1.view().unreadable()).containsKey("subnets/10.244.2.0-24"));
    assertThat(peers()).containsExactly("192.168.1.2 10.244.2.0/24 02");
    delete(lease(2));
    soon(() -> assertThat(peers()).isEmpty());
    assertThat(n1.view().unreadable()).isEmpty();
  }

  @Test
  void aBadRecordThatGoesWhileNobodyWatchesIsNoLongerNamed() {
    put(lease(2), "rubbish");
    put(FlannelLayout.node("n2"), "rubbish");
    follow();
    assertThat(n1.view().unreadable()).hasSize(2);
    store.hold();
    delete(lease(2));
    delete(FlannelLayout.node("n2"));
    store.loseWatches();
    store.release();
    soon(() -> assertThat(n1.view().unreadable()).isEmpty());
  }

  @Test
  void aBadRecordOfANodeCostsItsNameOnly() {
    put(lease(2), said(2));
    put(FlannelLayout.node("n2"), "rubbish");
    follow();
    assertThat(peers()).containsExactly("192.168.1.2 10.244.2.0/24 02");
    assertThat(n1.view().unreadable()).containsOnlyKeys("denim/nodes/n2");
    put(FlannelLayout.node("n2"), facts("n2", 2, 2));
    soon(() -> assertThat(peers()).containsExactly("n2 10.244.2.0/24 02"));
    assertThat(n1.view().unreadable()).isEmpty();
  }

  @Test
  void aRecordOfANodeFromBeforeItsLeaseRanOutGivesNobodyAName() {
    put(FlannelLayout.node("gone"), facts("gone", 2, 9));
    put(lease(2), said(2));
    follow();
    assertThat(peers()).containsExactly("192.168.1.2 10.244.2.0/24 02");
    put(FlannelLayout.node("n2"), facts("n2", 2, 2));
    soon(() -> assertThat(peers()).containsExactly("n2 10.244.2.0/24 02"));
    // The one that was away comes back and gets another subnet.
    put(FlannelLayout.node("gone"), facts("gone", 7, 9));
    caughtUp();
    assertThat(peers()).contains("n2 10.244.2.0/24 02");
  }

  @Test
  void aNodeIsNoPeerOfItselfBeforeItJoinsNorAfter() {
    put(lease(1), said(1));
    put(FlannelLayout.node("n1"), facts("n1", 1, 1));
    put(lease(2), said(2));
    follow();
    assertThat(peers()).containsExactly("192.168.1.2 10.244.2.0/24 02");
    assertThat(n1.published()).contains(vxlan(1, 1));
    assertThat(join().record().v4().orElseThrow()).hasToString("10.244.1.0/24");
    caughtUp();
    assertThat(peers()).noneMatch(peer -> peer.contains("10.244.1.0"));
  }

  @Test
  void aNodeThatHearsOfItsNewLeaseBeforeItHasTheAnswerIsNoPeerOfItself() {
    List<String> seen = new CopyOnWriteArrayList<>();
    n1.follow(() -> seen.addAll(peers()));
    join();
    caughtUp();
    // It is told after the view has it.
    soon(() -> assertThat(seen).isNotEmpty());
    assertThat(seen).containsOnly("192.168.1.250 10.244.250.0/24 fa");
  }

  @Test
  void anotherThatPublishesTheSameIsAPeerOnceItIsKnownWhichLeaseIsTheOwn() {
    LeaseBook book = new LeaseBook("n1", clock);
    book.asks(vxlan(1, 1));
    put(lease(2), said(1));
    put(lease(3), said(1));
    book.lease(memory.get(lease(2)).orElseThrow());
    book.lease(memory.get(lease(3)).orElseThrow());
    assertThat(book.peers()).isEmpty();
    book.own("10.244.2.0-24");
    assertThat(book.peers()).extracting(Peer::name).containsExactly("192.168.1.1");
  }

  @Test
  void whatAnotherPublishesUnderTheSubnetThatThisNodeHadIsNotThisNodes() {
    put(FlannelLayout.node("n1"), facts("n1", 2, 1));
    put(lease(2), said(2));
    follow();
    assertThat(n1.published()).isEmpty();
    assertThat(peers()).containsExactly("192.168.1.2 10.244.2.0/24 02");
  }

  @Test
  void aConfigurationThatGoesStaysInForceAndIsTold() {
    follow();
    assertThat(n1.view().configuration()).isEmpty();
    assertThat(n1.view().problems()).singleElement().asString().contains("put net-conf.json");
    put(FlannelLayout.CONFIG, CONFIG);
    soon(() -> assertThat(n1.view().configuration()).contains(CONFIG));
    assertThat(n1.view().problems()).isEmpty();
    delete(FlannelLayout.CONFIG);
    soon(() -> assertThat(n1.view().problems()).singleElement().asString().contains("is gone"));
    assertThat(n1.view().configuration()).contains(CONFIG);
    put(FlannelLayout.CONFIG, "{}");
    soon(() -> assertThat(n1.view().configuration()).contains("{}"));
    assertThat(n1.view().problems()).isEmpty();
  }

  @Test
  void itsOwnRecordIsLostWhenSomebodyDeletesOrChangesItUntilItIsPublishedAgain() {
    follow();
    Held held = join();
    Key own = new Key(FlannelLayout.SUBNETS, held.record().key().orElseThrow().toString());
    assertThat(held.key()).isEqualTo(own.toString());
    caughtUp();
    assertThat(n1.view().lost()).isFalse();

    delete(own);
    soon(() -> assertThat(n1.view().lost()).isTrue());
    assertThat(n1.publish(vxlan(1, 1)).record()).isEqualTo(held.record());
    assertThat(n1.view().lost()).isFalse();

    put(own, vxlan(1, 77).format());
    soon(() -> assertThat(n1.view().lost()).isTrue());
    n1.publish(vxlan(1, 1));
    delete(lease(250));
    caughtUp();
    assertThat(n1.view().lost()).isFalse();
    assertThat(memory.get(own).orElseThrow().value()).isEqualTo(said(1));
  }

  @Test
  void itsOwnRecordThatWasChangedWhileNobodyWatchedIsLostToo() {
    follow();
    Held held = join();
    caughtUp();
    store.hold();
    put(new Key(FlannelLayout.SUBNETS, held.record().key().orElseThrow().toString()), "rubbish");
    store.loseWatches();
    store.release();
    soon(() -> assertThat(n1.view().lost()).isTrue());
    assertThat(n1.publish(vxlan(1, 1)).record()).isEqualTo(held.record());
    soon(() -> assertThat(n1.view().unreadable()).isEmpty());
    assertThat(n1.view().lost()).isFalse();
  }

  @Test
  void itsOwnWritingIsNoNewsWheneverTheWatchTellsOfIt() {
    follow();
    store.hold();
    join();
    n1.publish(vxlan(1, 7));
    n1.publish(vxlan(1, 8));
    assertThat(n1.view().lost()).isFalse();
    store.release();
    caughtUp();
    assertThat(n1.view().lost()).isFalse();
    assertThat(peers()).containsExactly("192.168.1.250 10.244.250.0/24 fa");
  }

  @Test
  void aSubnetThatAnotherHasTakenMeanwhileIsNotTakenBack() {
    follow();
    Held held = join();
    caughtUp();
    Key own = new Key(FlannelLayout.SUBNETS, held.record().key().orElseThrow().toString());
    store.hold();
    delete(own);
    put(own, said(9));
    store.release();
    soon(() -> assertThat(n1.view().lost()).isTrue());
    assertThatThrownBy(() -> n1.publish(vxlan(1, 1)))
        .isInstanceOf(AllocationException.class)
        .hasMessageContaining("192.168.1.9")
        .hasMessageContaining("Restart this node's agent");
    assertThat(memory.get(own).orElseThrow().value()).isEqualTo(said(9));
  }

  @Test
  void afterALostWatchItKnowsWhatChangedMeanwhile() {
    put(lease(2), said(2));
    put(lease(3), said(3));
    put(FlannelLayout.CONFIG, CONFIG);
    follow();
    store.hold();
    put(lease(2), vxlan(2, 22).format());
    put(lease(3), vxlan(33, 3).format());
    put(lease(4), said(4));
    put(FlannelLayout.node("n4"), facts("n4", 4, 4));
    put(FlannelLayout.CONFIG, "{}");
    store.loseWatches();
    store.release();
    soon(() ->
        assertThat(peers())
            .containsExactly(
                "192.168.1.2 10.244.2.0/24 16",
                "192.168.1.33 10.244.3.0/24 03",
                "n4 10.244.4.0/24 04"));
    soon(() -> assertThat(n1.view().configuration()).contains("{}"));
    put(lease(5), said(5));
    soon(() -> assertThat(peers()).contains("192.168.1.5 10.244.5.0/24 05"));
    soon(() -> assertThat(store.watches()).isEqualTo(3));
  }

  @Test
  void listingAgainIsTriedUntilTheStoreAnswersAndTheWatchBegins() {
    put(lease(2), said(2));
    follow();
    store.goDown();
    store.loseWatches();
    put(lease(3), said(3));
    store.refuseWatches(4);
    store.comeBack();
    soon(() -> assertThat(peers()).hasSize(2));
    put(lease(4), said(4));
    soon(() -> assertThat(peers()).hasSize(3));
    soon(() -> assertThat(store.watches()).isEqualTo(3));
  }

  @Test
  void aStoreThatDoesNotAnswerAtFirstIsFollowedWhenItIsAskedAgain() {
    put(lease(2), said(2));
    store.goDown();
    assertThatThrownBy(this::follow).isInstanceOf(UnavailableException.class);
    assertThat(n1.view()).isEqualTo(View.NOTHING);
    store.comeBack();
    store.refuseWatches(1);
    assertThatThrownBy(this::follow).isInstanceOf(UnavailableException.class);
    follow();
    put(lease(3), said(3));
    soon(() -> assertThat(peers()).hasSize(2));
    assertThat(store.watches()).isEqualTo(3);
  }

  @Test
  void whatIsToldOfAWatchThatWasBegunAnewIsNoLongerHeard() {
    put(lease(2), said(2));
    follow();
    store.hold();
    put(lease(2), vxlan(2, 3).format());
    // The first watch of the subnets holds an old event when they are listed once more.
    follow();
    assertThat(peers()).containsExactly("192.168.1.2 10.244.2.0/24 03");
    put(lease(2), vxlan(2, 4).format());
    store.release();
    soon(() -> assertThat(peers()).containsExactly("192.168.1.2 10.244.2.0/24 04"));
    assertThat(store.watches()).isEqualTo(3);
  }

  /** The data are gone: a new store is behind the old address. */
  private MemoryStore loseData() {
    MemoryStore empty = new MemoryStore(clock);
    store.replace(empty);
    return empty;
  }

  @Test
  void whatVanishesWithAStoresDataIsKeptForAWhileAndThenGoes() {
    put(lease(2), said(2));
    put(lease(3), said(3));
    put(FlannelLayout.CONFIG, CONFIG);
    follow();
    MemoryStore empty = loseData();
    put(empty, FlannelLayout.CONFIG, CONFIG);
    soon(() -> assertThat(n1.view().problems()).anyMatch(p -> p.startsWith("2 records of nodes")));
    assertThat(peers()).hasSize(2);
    soon(() -> assertThat(n1.view().problems()).hasSize(1));

    clock.pass(Vanished.KEPT.minusSeconds(1));
    n1.letGo();
    assertThat(peers()).hasSize(2);
    String problem = n1.view().problems().getFirst();
    put(empty, lease(3), vxlan(3, 33).format());
    soon(() -> assertThat(peers()).contains("192.168.1.3 10.244.3.0/24 21"));
    assertThat(n1.view().problems()).containsExactly(problem);

    clock.pass(Duration.ofSeconds(1));
    n1.letGo();
    assertThat(peers()).containsExactly("192.168.1.3 10.244.3.0/24 21");
    assertThat(n1.view().problems()).isEmpty();
  }

  @Test
  void aStoreWithoutAConfigurationSaysNothingAboutWhoLives() {
    put(lease(2), said(2));
    put(FlannelLayout.CONFIG, CONFIG);
    follow();
    MemoryStore empty = loseData();
    soon(() -> assertThat(n1.view().problems()).hasSize(2));
    clock.pass(Duration.ofHours(3));
    n1.letGo();
    assertThat(peers()).hasSize(1);
    put(empty, FlannelLayout.CONFIG, CONFIG);
    soon(() -> assertThat(n1.view().problems()).hasSize(1));
    n1.letGo();
    assertThat(peers()).hasSize(1);
    clock.pass(Vanished.KEPT);
    n1.letGo();
    assertThat(peers()).isEmpty();
  }

  @Test
  void aStoreThatDoesNotAnswerSaysNothingAboutWhoLives() {
    put(lease(2), said(2));
    put(FlannelLayout.CONFIG, CONFIG);
    follow();
    MemoryStore empty = loseData();
    put(empty, FlannelLayout.CONFIG, CONFIG);
    soon(() -> assertThat(n1.view().problems()).singleElement().asString().startsWith("1 record"));
    store.goDown();
    assertThatThrownBy(this::joinAgain).isInstanceOf(UnavailableException.class);
    clock.pass(Vanished.KEPT);
    n1.letGo();
    assertThat(peers()).hasSize(1);

    store.comeBack();
    joinAgain();
    n1.letGo();
    assertThat(peers()).hasSize(1);
    clock.pass(Vanished.KEPT);
    n1.letGo();
    assertThat(peers()).isEmpty();
  }

  private void joinAgain() {
    n1.join(FlannelConfig.parse(CONFIG), vxlan(1, 1), Optional.empty());
  }

  @Test
  void whatIsDeletedBeforeItsEyesIsGoneAtOnce() {
    put(lease(2), said(2));
    put(lease(3), said(3));
    follow();
    store.hold();
    delete(lease(2));
    store.loseWatches();
    store.release();
    soon(() -> assertThat(n1.view().problems()).anyMatch(p -> p.startsWith("1 record of a node")));
    assertThat(peers()).hasSize(2);
    delete(lease(3));
    soon(() -> assertThat(peers()).containsExactly("192.168.1.2 10.244.2.0/24 02"));
    // Made again and deleted before its eyes, the one that had vanished is certainly gone.
    put(lease(2), said(2));
    soon(() -> assertThat(n1.view().problems()).noneMatch(p -> p.startsWith("1 record of a node")));
    delete(lease(2));
    soon(() -> assertThat(peers()).isEmpty());
  }

  @Test
  void whoClaimsTheSubnetOfAVanishedOneTakesItsPlace() {
    put(lease(2), said(2));
    put(lease(4), said(4));
    follow();
    MemoryStore empty = loseData();
    soon(() -> assertThat(n1.view().problems()).anyMatch(p -> p.startsWith("2 records of nodes")));
    put(empty, new Key(FlannelLayout.SUBNETS, "10.244.2.0-25"), vxlan(7, 7).format());
    soon(() ->
        assertThat(peers())
            .containsExactly("192.168.1.4 10.244.4.0/24 04", "192.168.1.7 10.244.2.0/25 07"));
  }

  @Test
  void aNodeWhoseStoreHasLostItsDataPutsItselfBackUnderTheSameSubnet() {
    follow();
    Held held = join();
    caughtUp();
    MemoryStore empty = loseData();
    soon(() -> assertThat(n1.view().lost()).isTrue());
    assertThat(n1.publish(vxlan(1, 1)).record()).isEqualTo(held.record());
    assertThat(n1.view().lost()).isFalse();
    put(empty, lease(251), said(251));
    soon(() -> assertThat(peers()).anyMatch(peer -> peer.contains("10.244.251.0")));
    assertThat(n1.view().lost()).isFalse();
  }

  @Test
  void afterItIsClosedNothingIsWatchedAnyMore() {
    follow();
    n1.close();
    assertThat(store.watches()).isZero();
    int lists = store.lists();
    store.loseWatches();
    assertThat(store.lists()).isEqualTo(lists);
  }
}
