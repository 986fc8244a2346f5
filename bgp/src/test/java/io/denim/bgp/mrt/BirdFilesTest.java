package io.denim.bgp.mrt;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * Files that BIRD 2.0.12 wrote: of AS 64512 at 10.88.1.1, whose peer of AS 4200000001 at 10.88.1.2
 * announced two IPv4 prefixes and one of IPv6, all with path identifiers, and shut down. {@code
 * mrtdump { states, messages }} made one, {@code protocol mrt} the other.
 */
class BirdFilesTest {
  private static final long PEER_AS = 4_200_000_001L;
  private static final IpAddress PEER = IpAddress.parse("10.88.1.2");

  private static List<MrtRecord> read(String name) {
    try (InputStream in =
            Objects.requireNonNull(BirdFilesTest.class.getResourceAsStream(name), name);
        MrtReader reader = new MrtReader(in)) {
      List<MrtRecord> all = new ArrayList<>();
      for (var next = reader.next(); next.isPresent(); next = reader.next()) {
        all.add(next.get());
      }
      assertThat(reader.truncatedAt()).isEmpty();
      assertThat(reader.skipped()).isZero();
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aSessionIsReadFromItsFirstStateToItsLast() {
    List<MrtRecord> all = read("bird-messages.mrt");

    assertThat(all)
        .filteredOn(MrtRecord.StateChange.class::isInstance)
        .map(each -> ((MrtRecord.StateChange) each).after())
        .containsExactly(3, 2, 4, 5, 6, 1, 3, 2, 1, 3, 1);
    assertThat(all)
        .filteredOn(MrtRecord.Message.class::isInstance)
        .map(each -> ((MrtRecord.Message) each).type())
        .containsExactly(1, 4, 2, 2, 2, 2, 2, 3);
  }

  @Test
  void updatesHavePathIdentifiersAndFourOctets() {
    assertThat(read("bird-messages.mrt"))
        .filteredOn(each -> each instanceof MrtRecord.Message message && message.type() == 2)
        .allSatisfy(each -> {
          var update = (MrtRecord.Message) each;
          assertThat(update.form()).isEqualTo(new MrtRecord.Form(true, false, true));
          assertThat(update.session())
              .isEqualTo(
                  new MrtRecord.Session(PEER_AS, 64512, 0, PEER, IpAddress.parse("10.88.1.1")));
        });
  }

  @Test
  void aTableHasItsPeersAndRoutes() {
    List<MrtRecord> all = read("bird-table.mrt");

    assertThat(((MrtRecord.Peers) all.getFirst()).view()).isEqualTo("master4");
    assertThat(((MrtRecord.Peers) all.getFirst()).peers().get(1))
        .isEqualTo(new MrtRecord.Peer(PEER, PEER, PEER_AS));
    assertThat(all)
        .filteredOn(MrtRecord.Routes.class::isInstance)
        .map(each -> ((MrtRecord.Routes) each).prefix())
        .containsOnly(
            Cidr.parse("10.244.1.0/26"),
            Cidr.parse("10.244.2.0/26"),
            Cidr.parse("fd00:10:244::/64"));
    assertThat(((MrtRecord.Routes) all.get(2)).entries())
        .singleElement()
        .satisfies(entry -> {
          assertThat(entry.peer()).isEqualTo(1);
          assertThat(entry.pathId()).isEqualTo(2);
        });
  }

  @Test
  void whatBirdWroteIsWrittenTheSame() throws IOException {
    for (String name : List.of("bird-messages.mrt", "bird-table.mrt")) {
      try (InputStream in =
          Objects.requireNonNull(BirdFilesTest.class.getResourceAsStream(name), name)) {
        byte[] file = in.readAllBytes();
        int at = 0;
        for (MrtRecord each : read(name)) {
          byte[] written = MrtWriter.encode(each);
          assertThat(written).isEqualTo(Arrays.copyOfRange(file, at, at + written.length));
          at += written.length;
        }
        assertThat(at).isEqualTo(file.length);
      }
    }
  }
}
