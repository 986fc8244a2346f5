package io.denim.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.denim.ipam.HostLocal.Assigned;
import io.denim.ipam.HostLocal.Owner;
import io.denim.net.Cidr;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import io.denim.store.OtherJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostLocalIT {
  private static final List<AddressRange> RANGE =
      List.of(AddressRange.of(Cidr.parse("10.244.1.0/29")));
  private static final List<AddressRange> RANGE_V6 =
      List.of(AddressRange.of(Cidr.parse("fd00:10:244:1::/64")));

  @TempDir private Path dataDir = Path.of("");
  private final List<HostLocal> open = new ArrayList<>();
  private Path folder = Path.of("");

  @BeforeEach
  void nameFolder() {
    folder = dataDir.resolve("cbr0");
  }

  @AfterEach
  void closeAll() {
    open.forEach(HostLocal::close);
  }

  private HostLocal addresses() {
    HostLocal opened = new HostLocal(dataDir, "cbr0");
    open.add(opened);
    return opened;
  }

  private static Owner owner(int i) {
    return new Owner("container" + i, "eth0");
  }

  private static String ip(Assigned assigned) {
    return assigned.address().address().toString();
  }

  @Test
  void anAddressIsAFileAsThePluginWritesIt() throws IOException {
    Assigned assigned = addresses().allocate(owner(1), "0", RANGE);

    assertThat(assigned)
        .isEqualTo(
            new Assigned(InterfaceAddress.parse("10.244.1.2/29"), IpAddress.parse("10.244.1.1")));
    assertThat(Files.readString(folder.resolve("10.244.1.2"))).isEqualTo("container1\r\neth0");
    assertThat(Files.readString(folder.resolve("last_reserved_ip.0"))).isEqualTo("10.244.1.2");
    assertThat(names()).containsExactly("10.244.1.2", "last_reserved_ip.0", "lock");
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  @Test
  void anIpv6AddressKeepsItsColonsInTheName() throws IOException {
    Assigned assigned = addresses().allocate(owner(1), "1", RANGE_V6);

    assertThat(assigned.address()).hasToString("fd00:10:244:1::2/64");
    assertThat(Files.readString(folder.resolve("fd00:10:244:1::2")))
        .isEqualTo("container1\r\neth0");
  }

  @Test
  void whatCannotBeReadKeepsItsAddressAndStopsNothing() throws IOException {
    HostLocal addresses = addresses();
    Files.write(folder.resolve("10.244.1.2"), new byte[] {(byte) 0xff, (byte) 0xfe});
    Files.createDirectory(folder.resolve("10.244.1.3"));
    Files.write(folder.resolve("10.244.1.4"), new byte[1 << 20]);
    Files.write(folder.resolve("last_reserved_ip.0"), new byte[] {(byte) 0xff});

    assertThat(ip(addresses.allocate(owner(1), "0", RANGE))).isEqualTo("10.244.1.5");
    assertThat(addresses.problems())
        .hasSize(3)
        .first()
        .asString()
        .contains("10.244.1.2 names no container", "delete it");
    assertThat(addresses.release(owner(1))).hasSize(1);
  }

  @Test
  void addressesGoRoundInsteadOfBeingGivenAgainAtOnce() {
    HostLocal addresses = addresses();
    addresses.allocate(owner(1), "0", RANGE);
    addresses.release(owner(1));

    assertThat(ip(addresses.allocate(owner(2), "0", RANGE))).isEqualTo("10.244.1.3");
  }

  @Test
  void whoAsksAgainGetsTheSame() {
    HostLocal addresses = addresses();
    Assigned first = addresses.allocate(owner(1), "0", RANGE);

    assertThat(addresses.allocate(owner(1), "0", RANGE)).isEqualTo(first);
    assertThat(addresses.find(owner(1))).containsExactly(first.address().address());
  }

  @Test
  void oneContainerMayHaveSeveralInterfacesAndFamilies() {
    HostLocal addresses = addresses();
    addresses.allocate(owner(1), "0", RANGE);
    addresses.allocate(new Owner("container1", "net1"), "0", RANGE);
    addresses.allocate(owner(1), "1", RANGE_V6);

    assertThat(addresses.release(owner(1)))
        .containsExactly(IpAddress.parse("10.244.1.2"), IpAddress.parse("fd00:10:244:1::2"));
    assertThat(addresses.find(new Owner("container1", "net1")))
        .containsExactly(IpAddress.parse("10.244.1.3"));
  }

  @Test
  void whenAllAreTakenTheErrorNamesTheRange() {
    HostLocal addresses = addresses();
    IntStream.range(0, 5).forEach(i -> addresses.allocate(owner(i), "0", RANGE));

    assertThat(
            catchThrowableOfType(
                AllocationException.class, () -> addresses.allocate(owner(9), "0", RANGE)))
        .hasMessageContaining("10.244.1.1-10.244.1.6 in 10.244.1.0/29")
        .extracting(AllocationException::reason)
        .isEqualTo(AllocationException.Reason.EXHAUSTED);
  }

  @Test
  void aCertainAddressCanBeClaimedByOne() {
    HostLocal addresses = addresses();
    IpAddress address = IpAddress.parse("10.244.1.5");

    assertThat(addresses.claim(owner(1), address, RANGE))
        .map(HostLocalIT::ip)
        .contains("10.244.1.5");
    assertThat(addresses.claim(owner(1), address, RANGE)).isPresent();
    assertThat(addresses.claim(owner(2), address, RANGE)).isEmpty();
    assertThat(
            catchThrowableOfType(
                AllocationException.class,
                () -> addresses.claim(owner(1), IpAddress.parse("10.244.1.1"), RANGE)))
        .hasMessageContaining("10.244.1.1 cannot be given to a pod");
  }

  @Test
  void filesOfThePluginAreRespectedAndReleased() throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("10.244.1.2"), "plugin1\r\neth0");
    Files.writeString(folder.resolve("10.244.1.3"), "ancient");
    Files.writeString(folder.resolve("last_reserved_ip.0"), "10.244.1.3");
    HostLocal addresses = addresses();

    assertThat(ip(addresses.allocate(owner(1), "0", RANGE))).isEqualTo("10.244.1.4");
    assertThat(addresses.find(new Owner("plugin1", "eth0")))
        .containsExactly(IpAddress.parse("10.244.1.2"));
    assertThat(addresses.release(new Owner("ancient", "eth0")))
        .containsExactly(IpAddress.parse("10.244.1.3"));
  }

  @Test
  void garbageIsWhatBelongsToNobodyAliveAndIsOldEnough() throws IOException {
    HostLocal addresses = addresses();
    IntStream.range(0, 3).forEach(i -> addresses.allocate(owner(i), "0", RANGE));
    Files.createFile(folder.resolve("10.244.1.6"));
    for (String old : List.of("10.244.1.2", "10.244.1.3", "10.244.1.6")) {
      Files.setLastModifiedTime(
          folder.resolve(old), FileTime.from(Instant.now().minus(Duration.ofMinutes(5))));
    }

    assertThat(addresses.collectGarbage(Set.of(owner(0)), Instant.now()))
        .containsExactly(IpAddress.parse("10.244.1.3"), IpAddress.parse("10.244.1.6"));
    assertThat(addresses.find(owner(2))).containsExactly(IpAddress.parse("10.244.1.4"));
  }

  @Test
  void manyAtOnceNeverShareAnAddress() throws InterruptedException {
    List<AddressRange> range = List.of(AddressRange.of(Cidr.parse("10.244.2.0/25")));
    List<HostLocal> parties = List.of(addresses(), addresses(), addresses());
    ConcurrentLinkedQueue<String> got = new ConcurrentLinkedQueue<>();
    List<Thread> threads =
        IntStream.range(0, 60)
            .mapToObj(i ->
                Thread.startVirtualThread(
                    () -> got.add(ip(parties.get(i % 3).allocate(owner(i), "0", range)))))
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(got).hasSize(60).doesNotHaveDuplicates();
  }

  @Test
  void inAnyOrderOfEventsEveryAddressHasOneOwner() {
    Random random = new Random(20_260_101);
    Map<Owner, String> model = new HashMap<>();
    HostLocal addresses = addresses();
    for (int step = 0; step < 300; step++) {
      Owner owner = owner(random.nextInt(9));
      if (random.nextInt(3) == 0) {
        addresses.release(owner);
        model.remove(owner);
      } else {
        try {
          String address = ip(addresses.allocate(owner, "0", RANGE));
          assertThat(model.getOrDefault(owner, address)).isEqualTo(address);
          model.put(owner, address);
        } catch (AllocationException e) {
          assertThat(model).hasSize(5).doesNotContainKey(owner);
        }
      }
      assertThat(model.values()).doesNotHaveDuplicates();
      if (step % 50 == 0) {
        addresses = addresses();
      }
    }
  }

  @Test
  void noKillLeavesAnAddressWithTwoOwnersOrAnOwnerWithoutItsAddress() throws Exception {
    Random random = new Random(3);
    Map<String, String> owned = new HashMap<>();
    for (int round = 0; round < 6; round++) {
      List<OtherJvm> others =
          List.of(
              HostLocalProcess.start(dataDir, "r" + round + "a"),
              HostLocalProcess.start(dataDir, "r" + round + "b"));
      int enough = 1 + random.nextInt(40);
      for (OtherJvm other : others) {
        await().atMost(Duration.ofSeconds(20)).until(() -> other.lines().size() >= enough);
        for (String line : other.kill()) {
          String[] words = line.split(" ", -1);
          if (words[0].equals("got")) {
            owned.put(words[1], words[2]);
          } else {
            owned.remove(words[1]);
          }
        }
      }
      HostLocal addresses = addresses();
      owned.forEach((container, address) ->
          assertThat(addresses.find(new Owner(container, "eth0")))
              .containsExactly(IpAddress.parse(address)));
      assertThat(owned.values()).doesNotHaveDuplicates();
      for (String name : names()) {
        assertThat(folder.resolve(name)).satisfies(HostLocalIT::isWhole);
      }
      addresses.collectGarbage(Set.of(), Instant.now().plusSeconds(60));
      owned.clear();
    }
  }

  private static void isWhole(Path file) throws IOException {
    String name = String.valueOf(file.getFileName());
    if (!name.equals("lock")) {
      // Where to go on is only a hint, and written in place.
      String allowed = name.startsWith("last_reserved_ip.") ? "[0-9.]*" : "[^\\r]+\r\neth0";
      assertThat(Files.readString(file)).matches(allowed);
    }
  }
}
