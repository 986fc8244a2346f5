package io.denim.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.ipam.FlannelLayout;
import io.denim.ipam.SubnetAllocator;
import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.model.SubnetKey;
import io.denim.net.IpAddress;
import io.denim.store.ConflictException;
import io.denim.store.Entry;
import io.denim.store.Key;
import io.denim.store.Lifetime;
import io.denim.store.Listing;
import io.denim.store.Store;
import io.denim.store.Watch;
import io.etcd.jetcd.api.KeyValue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What flanneld sees when Denim has written, and the reverse. */
@Timeout(60)
final class EtcdLayoutIT {
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final String VXLAN =
      "{\"PublicIP\":\"192.168.64.3\",\"PublicIPv6\":null,\"BackendType\":\"vxlan\","
          + "\"BackendData\":{\"VNI\":1,\"VtepMAC\":\"c6:d2:32:6f:8f:44\"}}";

  private final EtcdServer server;
  private final Admin admin;
  private final Store store;

  EtcdLayoutIT(@TempDir Path folder) {
    server = EtcdServer.start(folder);
    admin = new Admin(server);
    store =
        EtcdStore.open(
            EtcdOptions.plain(server.endpoint(), EtcdOptions.DEFAULT_PREFIX), new Random());
  }

  @AfterEach
  void close() {
    store.close();
    admin.close();
    server.close();
  }

  @Test
  void keysAndValuesAreFlannelsByteForByte() {
    store.create(FlannelLayout.CONFIG, "{\"Network\":\"10.5.0.0/16\"}", Lifetime.permanent());
    FlannelLease vxlan = FlannelLease.parse(VXLAN);
    store.create(
        FlannelLayout.lease(SubnetKey.parse("10.5.52.0-24")), vxlan.format(), Lifetime.permanent());
    store.create(
        FlannelLayout.lease(SubnetKey.parse("10.5.53.0-24&fd00:12:13::-64")),
        FlannelLease.of(IpAddress.parse("1.2.3.4")).format(),
        Lifetime.permanent());

    assertThat(admin.all().stream().map(EtcdLayoutIT::words))
        .containsExactly(
            "/coreos.com/network/config {\"Network\":\"10.5.0.0/16\"}",
            "/coreos.com/network/subnets/10.5.52.0-24 " + VXLAN,
            "/coreos.com/network/subnets/10.5.53.0-24&fd00:12:13::-64"
                + " {\"PublicIP\":\"1.2.3.4\",\"PublicIPv6\":null}");
  }

  private static String words(KeyValue each) {
    return each.getKey().toStringUtf8() + " " + each.getValue().toStringUtf8();
  }

  @Test
  void aLeaseHangsOnALeaseOfADayWhichARenewalReplaces() {
    FlannelConfig config =
        FlannelConfig.parse("{\"Network\":\"10.5.0.0/16\",\"Backend\":{\"Type\":\"alloc\"}}");
    SubnetAllocator allocator = new SubnetAllocator(store, new Random());
    FlannelLease lease = FlannelLease.of(IpAddress.parse("1.2.3.4"));

    var acquired = allocator.acquire("n1", config, lease, Optional.empty());
    long first = leaseOf(acquired.entry());
    var renewed = allocator.renew(acquired, lease);
    long second = leaseOf(renewed.entry());

    assertThat(admin.grantedSeconds(first)).isEqualTo(86_400);
    assertThat(second).isNotEqualTo(first).isNotZero();
    assertThat(renewed.entry().key()).isEqualTo(acquired.entry().key());
    assertThat(renewed.entry().timeToLive()).contains(Duration.ofDays(1));
  }

  private long leaseOf(Entry entry) {
    return admin.all().stream()
        .filter(each -> each.getKey().toStringUtf8().endsWith("/" + entry.key()))
        .findFirst()
        .orElseThrow()
        .getLease();
  }

  @Test
  void aLeaseThatWasNotNeededIsGivenBack() {
    Key key = new Key("subnets", "a");
    store.create(key, "1", Lifetime.permanent());

    assertThatThrownBy(() -> store.create(key, "2", Lifetime.ttl(Duration.ofHours(1))))
        .isInstanceOf(ConflictException.class);
    assertThat(server.metric("etcd_debugging_lease_granted_total")).isEqualTo(1);
    assertThat(server.metric("etcd_debugging_lease_revoked_total")).isEqualTo(1);
  }

  @Test
  void whatFlanneldPutsBlindlyIsSeenAndNotWrittenOver() {
    Key key = FlannelLayout.lease(SubnetKey.parse("10.5.52.0-24"));
    Entry own = store.create(key, "{}", Lifetime.ttl(Duration.ofHours(24)));
    Events events = new Events();
    try (Watch _ = store.watch("subnets", own.revision(), events)) {
      admin.put("/coreos.com/network/subnets/10.5.52.0-24", VXLAN, admin.grant(86_400));

      assertThat(events.await(1, SOON)).containsExactly("10.5.52.0-24=" + VXLAN);
      assertThatThrownBy(
              () -> store.replace(key, "{}", own.revision(), Lifetime.ttl(Duration.ofHours(24))))
          .isInstanceOf(ConflictException.class);
    }
  }

  @Test
  void aReservationIsPermanentAndALeaseIsNot() {
    admin.put("/coreos.com/network/subnets/10.5.1.0-24", "{}");
    admin.put("/coreos.com/network/subnets/10.5.2.0-24", "{}", admin.grant(100));

    List<Entry> listed = store.list("subnets").entries();
    assertThat(listed).extracting(Entry::permanent).containsExactly(true, false);
    assertThat(listed.getLast().timeToLive().orElseThrow())
        .isGreaterThanOrEqualTo(Duration.ofSeconds(100));
    assertThat(store.get(listed.getLast().key()).orElseThrow().timeToLive().orElseThrow())
        .isBetween(Duration.ofSeconds(90), Duration.ofSeconds(100));
  }

  @Test
  void fiveThousandLeasesAreReadInPagesAndNotReadForTheConfiguration() {
    admin.put("/coreos.com/network/config", "{}");
    admin.put("/coreos.com/network/zone", "z");
    admin.put("/coreos.com/network/denim/nodes/n1", "x");
    admin.put("/coreos.com/networks/config", "foreign");
    admin.put("/coreos.com/network/subnetsX", "foreign");
    List<String> names =
        IntStream.range(0, 5000)
            .mapToObj(i -> "10.%d.%d.0-24".formatted(5 + i / 256, i % 256))
            .toList();
    admin.putAll(names.stream().map(each -> "/coreos.com/network/subnets/" + each).toList(), VXLAN);

    Listing leases = store.list("subnets");
    Listing bare = store.list("");

    assertThat(leases.entries()).hasSize(5000).allMatch(each -> each.value().equals(VXLAN));
    assertThat(leases.entries().stream().map(each -> each.key().name()))
        .isSorted()
        .containsExactlyInAnyOrderElementsOf(names);
    assertThat(bare.entries().stream().map(each -> each.key().name()))
        .containsExactly("config", "subnetsX", "zone");
    assertThat(bare.revision()).isEqualTo(leases.revision());
  }

  @Test
  void aWatchWithoutCollectionReportsNothingOfThoseBelow() {
    Events events = new Events();
    try (Watch _ = store.watch("", store.list("").revision(), events)) {
      admin.put("/coreos.com/network/subnets/10.5.1.0-24", "{}");
      admin.put("/coreos.com/network/config", "{}");

      assertThat(events.await(1, SOON)).containsExactly("config={}");
    }
  }

  @Test
  void aPageOfLargeEntriesIsReadInSmallerOnes() {
    String large = "x".repeat(1_000_000);
    for (int i = 0; i < 25; i++) {
      admin.put("/coreos.com/network/subnets/" + i, large);
    }

    assertThat(store.list("subnets").entries()).hasSize(25);
  }

  @ParameterizedTest
  @CsvSource({"1_900_000, request is too large", "3_000_000, it is more than etcd takes at once"})
  void whatEtcdTakesForTooLargeIsRefusedInWords(String length, String why) {
    String value = "x".repeat(Integer.parseInt(length.replace("_", "")));

    assertThatThrownBy(() -> store.create(new Key("subnets", "a"), value, Lifetime.permanent()))
        .hasMessageContaining("cannot create subnets/a")
        .hasMessageContaining(why);
  }
}
