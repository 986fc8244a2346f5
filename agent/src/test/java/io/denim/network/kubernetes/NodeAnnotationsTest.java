package io.denim.network.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.model.BackendData;
import io.denim.model.FlannelLease;
import io.denim.model.InvalidConfigException;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import io.denim.net.MacAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NodeAnnotationsTest {
  private static final String PREFIX = "flannel.alpha.coreos.com/";
  private static final NodeAnnotations FLANNEL = new NodeAnnotations("flannel.alpha.coreos.com");

  private static FlannelLease lease(
      String type, String v4, Optional<String> v6, Optional<String> data, Optional<String> data6) {
    return new FlannelLease(
        IpAddress.parse(v4),
        v6.map(IpAddress::parse),
        type,
        data.map(json -> BackendData.parse(type, json)),
        data6.map(json -> BackendData.parse(type, json)));
  }

  @ParameterizedTest
  @CsvSource({
    "flannel.alpha.coreos.com, flannel.alpha.coreos.com/backend-type",
    "a.b/, a.b/backend-type",
    "a.b/x, a.b/x-backend-type",
    "a.b/x-, a.b/x-backend-type",
    "my_net-1.example.org/a_b-c, my_net-1.example.org/a_b-c-backend-type"
  })
  void aPrefixIsCompleted(String prefix, String annotation) {
    assertThat(new NodeAnnotations(prefix).type()).isEqualTo(annotation);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "flannel", "/", "a.b/c/d", "A.b", "a.b/X", "a..b", "a.b/c d", ".a.b"})
  void whatNoAnnotationCanBeginWithIsRefused(String prefix) {
    assertThatThrownBy(() -> new NodeAnnotations(prefix))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("--kube-annotation-prefix");
  }

  @Test
  void udpAndAllocPublishAnEmptyTypeAndNoData() {
    FlannelLease lease = FlannelLease.of(IpAddress.parse("1.2.3.4"));

    assertThat(FLANNEL.write(lease, Map.of()))
        .isEqualTo(
            Map.of(
                PREFIX + "kube-subnet-manager", "true",
                PREFIX + "backend-type", "",
                PREFIX + "backend-data", "null",
                PREFIX + "public-ip", "1.2.3.4"));
  }

  @Test
  void withoutAnAddressOfVersionFourVxlanIsSilentOfIt() {
    FlannelLease lease =
        lease(
            "vxlan",
            "0.0.0.0",
            Optional.of("fd00::3"),
            Optional.empty(),
            Optional.of("{\"VNI\":1,\"VtepMAC\":\"c6:d2:32:6f:8f:44\"}"));

    assertThat(FLANNEL.write(lease, Map.of()))
        .isEqualTo(
            Map.of(
                PREFIX + "kube-subnet-manager", "true",
                PREFIX + "backend-type", "vxlan",
                PREFIX + "backend-v6-data", "{\"VNI\":1,\"VtepMAC\":\"c6:d2:32:6f:8f:44\"}",
                PREFIX + "public-ipv6", "fd00::3"));
  }

  @Test
  void withoutAnAddressOfVersionFourHostGwWritesTheAnyAddressAsFlanneldDoes() {
    FlannelLease lease =
        lease("host-gw", "0.0.0.0", Optional.of("fd00::3"), Optional.empty(), Optional.empty());

    assertThat(FLANNEL.write(lease, Map.of()))
        .containsEntry(PREFIX + "public-ip", "0.0.0.0")
        .containsEntry(PREFIX + "backend-data", "null")
        .containsEntry(PREFIX + "public-ipv6", "fd00::3")
        .containsEntry(PREFIX + "backend-v6-data", "null");
  }

  @Test
  void anAdministratorsAddressTakesThePlaceOfTheOwn() {
    FlannelLease lease =
        lease("host-gw", "1.2.3.4", Optional.of("fd00::3"), Optional.empty(), Optional.empty());

    assertThat(
            FLANNEL.write(
                lease,
                Map.of(
                    PREFIX + "public-ip-overwrite", "9.9.9.9",
                    PREFIX + "public-ipv6-overwrite", "not one")))
        .containsEntry(PREFIX + "public-ip", "9.9.9.9")
        .containsEntry(PREFIX + "public-ipv6", "fd00::3");
  }

  @Test
  void theDifferenceTakesAwayWhatIsOfNoFamilyAnyMoreAndLeavesTheRest() {
    Map<String, String> present =
        Map.of(
            PREFIX + "kube-subnet-manager", "true",
            PREFIX + "backend-type", "vxlan",
            PREFIX + "public-ipv6", "fd00::3",
            PREFIX + "public-ip-overwrite", "1.2.3.4",
            PREFIX + "node-public-ip", "1.1.1.1");
    Map<String, String> wanted =
        FLANNEL.write(FlannelLease.of(IpAddress.parse("1.2.3.4")), present);

    assertThat(FLANNEL.difference(present, wanted))
        .isEqualTo(
            Map.of(
                PREFIX + "backend-type", Optional.of(""),
                PREFIX + "backend-data", Optional.of("null"),
                PREFIX + "public-ip", Optional.of("1.2.3.4"),
                PREFIX + "public-ipv6", Optional.empty()));
  }

  @Property
  void whatIsWrittenIsRead(
      @ForAll @IntRange(min = 1) int v4,
      @ForAll long v6,
      @ForAll @IntRange(min = 0, max = 0xffffff) int vni,
      @ForAll boolean dual) {
    BackendData data = new BackendData.Vxlan(OptionalInt.of(vni), MacAddress.local(v6));
    FlannelLease lease =
        new FlannelLease(
            IpAddress.v4(v4),
            dual ? Optional.of(IpAddress.v6(0xfd00_0000_0000_0000L, v6)) : Optional.empty(),
            "vxlan",
            Optional.of(data),
            dual ? Optional.of(data) : Optional.empty());

    NodeAnnotations.Reading reading = FLANNEL.read(FLANNEL.write(lease, Map.of()));

    assertThat(reading.lease()).isEqualTo(lease);
    assertThat(reading.problems()).isEmpty();
  }

  @Test
  void aNodeOfAnOldFlannelIsReadWithoutANumber() {
    Map<String, String> old =
        Map.of(
            PREFIX + "backend-type", "vxlan",
            PREFIX + "backend-data", "{\"VtepMAC\":\"c6:d2:32:6f:8f:44\"}",
            PREFIX + "public-ip", "1.2.3.4");

    assertThat(FLANNEL.read(old).lease().backendData())
        .contains(
            new BackendData.Vxlan(OptionalInt.empty(), MacAddress.parse("c6:d2:32:6f:8f:44")));
  }

  @Test
  void aFamilyThatCannotBeReadIsLeftOutAndTold() {
    Map<String, String> annotations = new HashMap<>();
    annotations.put(PREFIX + "backend-type", "wireguard");
    annotations.put(PREFIX + "public-ip", "1.2.3.4");
    annotations.put(PREFIX + "backend-data", "{broken");
    annotations.put(PREFIX + "public-ipv6", "fd00::1");
    annotations.put(PREFIX + "backend-v6-data", "{\"PublicKey\":\"k\"}");

    NodeAnnotations.Reading reading = FLANNEL.read(annotations);

    assertThat(reading.lease().publicAddress(Family.IPV4)).isEmpty();
    assertThat(reading.lease().publicAddress(Family.IPV6)).isPresent();
    assertThat(reading.lease().backendV6Data())
        .contains(new BackendData.Raw("{\"PublicKey\":\"k\"}"));
    assertThat(reading.problems()).singleElement().asString().contains("backend-data", "{broken");
  }

  @Test
  void anAdministratorsAddressOfTheOtherFamilyIsToldAndIgnored() {
    List<String> problems = new ArrayList<>();

    assertThat(
            FLANNEL.administered(
                Map.of(
                    PREFIX + "node-public-ip", "fd00::1",
                    PREFIX + "node-public-ipv6", "fd00::2"),
                FLANNEL::nodePublicIp,
                problems))
        .isEqualTo(Map.of(Family.IPV6, IpAddress.parse("fd00::2")));
    assertThat(problems).singleElement().asString().contains("must be an IPv4 address");
  }
}
