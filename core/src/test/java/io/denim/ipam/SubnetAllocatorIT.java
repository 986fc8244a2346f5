package io.denim.ipam;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.model.FlannelConfig;
import io.denim.model.FlannelLease;
import io.denim.net.IpAddress;
import io.denim.store.EmbeddedStore;
import io.denim.store.Entry;
import io.denim.store.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class SubnetAllocatorIT {
  private static final FlannelConfig TIGHT =
      FlannelConfig.parse(
          "{\"Network\":\"10.3.0.0/16\",\"SubnetMin\":\"10.3.1.0\",\"SubnetMax\":\"10.3.100.0\","
              + "\"Backend\":{\"Type\":\"vxlan\"}}");

  @TempDir private Path directory = Path.of("");

  @Test
  void aHundredNodesOnTenStoresOfOneDirectoryFillARangeOfAHundred() throws InterruptedException {
    List<Store> stores = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      stores.add(new EmbeddedStore(directory, InstantSource.system()));
    }
    ConcurrentLinkedQueue<Acquired> acquired = new ConcurrentLinkedQueue<>();
    List<Thread> nodes =
        IntStream.range(0, 100)
            .mapToObj(i ->
                Thread.startVirtualThread(() ->
                    acquired.add(
                        new SubnetAllocator(stores.get(i % 10), new Random(i))
                            .acquire(
                                "n" + i,
                                TIGHT,
                                FlannelLease.of(IpAddress.parse("1.2.3." + i)),
                                Optional.empty()))))
            .toList();
    for (Thread node : nodes) {
      node.join();
    }
    List<Entry> leases = stores.getFirst().list(FlannelLayout.SUBNETS).entries();
    stores.forEach(Store::close);

    assertThat(acquired).hasSize(100).extracting(Acquired::record).doesNotHaveDuplicates();
    assertThat(leases)
        .hasSize(100)
        .allSatisfy(lease ->
            assertThat(lease.timeToLive().orElseThrow())
                .isBetween(Duration.ofHours(23), Duration.ofHours(24)));
  }
}
