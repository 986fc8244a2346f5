package io.denim.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.denim.net.Cidr;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The golden texts are those of the Go library 1.3.1, but for the order of keys from 1.0.0 on. */
final class CniResultTest {
  private static final CniResult RESULT =
      new CniResult(
          List.of(
              new CniResult.Interface("cni0", "0a:58:0a:f4:01:01", 1450, ""),
              new CniResult.Interface("veth1", "0a:58:0a:f4:01:03", 0, ""),
              new CniResult.Interface("eth0", "0a:58:0a:f4:01:02", 1450, "/var/run/netns/a")),
          List.of(
              ip(OptionalInt.of(2), "10.244.1.2/24", Optional.of("10.244.1.1")),
              ip(OptionalInt.of(2), "fd00:1::2/64", Optional.of("fd00:1::1")),
              ip(OptionalInt.empty(), "10.245.1.2/24", Optional.empty())),
          List.of(
              new CniResult.Route(Cidr.ALL_V4, Optional.of(IpAddress.parse("10.244.1.1"))),
              new CniResult.Route(
                  Cidr.parse("10.244.0.0/16"),
                  Optional.empty(),
                  OptionalInt.of(1400),
                  OptionalInt.of(1360),
                  OptionalInt.of(10),
                  OptionalInt.of(100),
                  OptionalInt.of(253)),
              new CniResult.Route(Cidr.ALL_V6, Optional.of(IpAddress.parse("fd00:1::1")))),
          new Dns(
              List.of("10.96.0.10"),
              "cluster.local",
              List.of("svc.cluster.local"),
              List.of("ndots:5")));

  private static final String DNS =
      """
      "dns":{"nameservers":["10.96.0.10"],"domain":"cluster.local",\
      "search":["svc.cluster.local"],"options":["ndots:5"]}}\
      """;

  private static final String FAMILIES =
      """
      "ip4":{"ip":"10.244.1.2/24","gateway":"10.244.1.1",\
      "routes":[{"dst":"0.0.0.0/0","gw":"10.244.1.1"},{"dst":"10.244.0.0/16"}]},\
      "ip6":{"ip":"fd00:1::2/64","gateway":"fd00:1::1",\
      "routes":[{"dst":"::/0","gw":"fd00:1::1"}]},\
      """
          + DNS;

  private static final String INTERFACES =
      """
      "interfaces":[{"name":"cni0","mac":"0a:58:0a:f4:01:01"},\
      {"name":"veth1","mac":"0a:58:0a:f4:01:03"},\
      {"name":"eth0","mac":"0a:58:0a:f4:01:02","sandbox":"/var/run/netns/a"}],\
      """;

  private static final String ROUTES =
      """
      "routes":[{"dst":"0.0.0.0/0","gw":"10.244.1.1"},{"dst":"10.244.0.0/16"},\
      {"dst":"::/0","gw":"fd00:1::1"}],\
      """;

  private static final String WITH_IP_VERSIONS =
      INTERFACES
          + """
          "ips":[{"version":"4","interface":2,"address":"10.244.1.2/24","gateway":"10.244.1.1"},\
          {"version":"6","interface":2,"address":"fd00:1::2/64","gateway":"fd00:1::1"},\
          {"version":"4","address":"10.245.1.2/24"}],\
          """
          + ROUTES
          + DNS;

  private static final String IPS =
      """
      "ips":[{"interface":2,"address":"10.244.1.2/24","gateway":"10.244.1.1"},\
      {"interface":2,"address":"fd00:1::2/64","gateway":"fd00:1::1"},\
      {"address":"10.245.1.2/24"}],\
      """;

  private static final String NEWEST =
      """
      "interfaces":[{"name":"cni0","mac":"0a:58:0a:f4:01:01","mtu":1450},\
      {"name":"veth1","mac":"0a:58:0a:f4:01:03"},\
      {"name":"eth0","mac":"0a:58:0a:f4:01:02","mtu":1450,"sandbox":"/var/run/netns/a"}],\
      """
          + IPS
          + """
          "routes":[{"dst":"0.0.0.0/0","gw":"10.244.1.1"},\
          {"dst":"10.244.0.0/16","mtu":1400,"advmss":1360,"priority":10,"table":100,"scope":253},\
          {"dst":"::/0","gw":"fd00:1::1"}],\
          """
          + DNS;

  private static CniResult.Ip ip(OptionalInt index, String address, Optional<String> gateway) {
    return new CniResult.Ip(index, InterfaceAddress.parse(address), gateway.map(IpAddress::parse));
  }

  private static String golden(CniVersion version) {
    String keys =
        switch (version) {
          case V0_1_0, V0_2_0 -> FAMILIES;
          case V0_3_0, V0_3_1, V0_4_0 -> WITH_IP_VERSIONS;
          case V1_0_0 -> INTERFACES + IPS + ROUTES + DNS;
          case V1_1_0 -> NEWEST;
        };
    return "{\"cniVersion\":\"" + version.text() + "\"," + keys;
  }

  @ParameterizedTest
  @CsvSource({"V0_1_0", "V0_2_0", "V0_3_0", "V0_3_1", "V0_4_0", "V1_0_0", "V1_1_0"})
  void aResultHasTheShapeOfItsVersion(CniVersion version) {
    assertThat(RESULT.format(version)).isEqualTo(golden(version));
  }

  @ParameterizedTest
  @CsvSource({"V0_1_0", "V0_2_0", "V0_3_0", "V0_3_1", "V0_4_0", "V1_0_0", "V1_1_0"})
  void theShapeOfAVersionIsReadBack(CniVersion version) {
    CniResult read = CniResult.parse(golden(version), CniVersion.V1_1_0);

    assertThat(read.format(version)).isEqualTo(golden(version));
    assertThat(read.dns()).isEqualTo(RESULT.dns());
  }

  @Property
  void theNewestVersionSaysAllOfAResult(@ForAll("results") CniResult result) {
    assertThat(CniResult.parse(result.format(CniVersion.V1_1_0), CniVersion.V0_1_0))
        .isEqualTo(result);
  }

  @Property
  void whatAVersionSaysItSaysAgain(
      @ForAll("results") CniResult result, @ForAll CniVersion version) {
    CniResult withAddress =
        new CniResult(result.interfaces(), RESULT.ips(), result.routes(), result.dns());
    String text = withAddress.format(version);

    assertThat(CniResult.parse(text, version).format(version)).isEqualTo(text);
  }

  @Provide
  Arbitrary<CniResult> results() {
    Arbitrary<String> texts = Arbitraries.strings().ascii().ofMaxLength(8);
    Arbitrary<Integer> numbers = Arbitraries.integers().between(0, 70000);
    Arbitrary<OptionalInt> optional =
        numbers.optional().map(each -> each.map(OptionalInt::of).orElse(OptionalInt.empty()));
    Arbitrary<IpAddress> addresses =
        Arbitraries.oneOf(
            Arbitraries.integers().map(IpAddress::v4),
            Arbitraries.longs().map(high -> IpAddress.v6(high, ~high)));
    Arbitrary<InterfaceAddress> withLengths =
        addresses.flatMap(address ->
            Arbitraries.integers()
                .between(0, address.family().bits())
                .map(length -> new InterfaceAddress(address, length)));
    Arbitrary<CniResult.Interface> interfaces =
        Combinators.combine(texts, texts, numbers, texts, texts, texts)
            .as(CniResult.Interface::new);
    Arbitrary<CniResult.Ip> ips =
        Combinators.combine(optional, withLengths, addresses.optional()).as(CniResult.Ip::new);
    Arbitrary<CniResult.Route> routes =
        Combinators.combine(
                withLengths.map(InterfaceAddress::subnet),
                addresses.optional(),
                optional,
                optional,
                optional,
                optional,
                Arbitraries.of(OptionalInt.empty(), OptionalInt.of(0), OptionalInt.of(253)))
            .as(CniResult.Route::new);
    Arbitrary<Dns> dns =
        Combinators.combine(
                texts.list().ofMaxSize(2),
                texts,
                texts.list().ofMaxSize(2),
                texts.list().ofMaxSize(2))
            .as(Dns::new);
    return Combinators.combine(
            interfaces.list().ofMaxSize(3),
            ips.list().ofMaxSize(3),
            routes.list().ofMaxSize(3),
            dns)
        .as(CniResult::new);
  }

  @Test
  void anEmptyResultIsAlmostNothing() {
    assertThat(CniResult.EMPTY.format(CniVersion.V1_0_0)).isEqualTo("{\"cniVersion\":\"1.0.0\"}");
    assertThat(CniResult.EMPTY.format(CniVersion.V0_4_0))
        .isEqualTo("{\"cniVersion\":\"0.4.0\",\"dns\":{}}");
  }

  @Test
  void theOldestVersionsCannotSayThatThereIsNoAddress() {
    CniException error =
        catchThrowableOfType(CniException.class, () -> CniResult.EMPTY.format(CniVersion.V0_2_0));

    assertThat(error).hasMessage("a result without an address cannot be said in cniVersion 0.2.0");
    assertThat(error.code().number()).isEqualTo(1);
  }

  @Test
  void aResultOfAnotherVersionThanTheConfigurationsIsReadAsItSays() {
    CniResult read =
        CniResult.parse(
            "{\"cniVersion\":\"0.2.0\",\"ip4\":{\"ip\":\"10.1.0.2/24\"}}", CniVersion.V1_0_0);

    assertThat(read.ips())
        .containsExactly(ip(OptionalInt.empty(), "10.1.0.2/24", Optional.empty()));
  }

  @Test
  void theInterfaceOfAnAddressIsFound() {
    assertThat(RESULT.interfaceOf(RESULT.ips().getFirst())).contains(RESULT.interfaces().getLast());
    assertThat(RESULT.interfaceOf(RESULT.ips().getLast())).isEmpty();
    assertThat(RESULT.interfaceOf(ip(OptionalInt.of(3), "10.0.0.1/8", Optional.empty()))).isEmpty();
    assertThat(RESULT.interfaceOf(ip(OptionalInt.of(-1), "10.0.0.1/8", Optional.empty())))
        .isEmpty();
  }

  @Test
  void whatOtherPluginsSayOfTheirInterfacesIsHandedOn() {
    String text =
        "{\"cniVersion\":\"1.1.0\",\"interfaces\":[{\"name\":\"net1\",\"socketPath\":\"/run/vhost\","
            + "\"pciID\":\"0000:00:1f.6\"}]}";

    assertThat(CniResult.parse(text, CniVersion.V1_1_0).format(CniVersion.V1_1_0)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'ips':{}} | ips {}; allowed is a list […]",
        "{'ips':[7]} | ips[0] 7; allowed is an object {…}",
        "{'ips':[{}]} | ips[0] {}: address is missing; allowed is an address with a length",
        "{'ips':[{'address':'10.0.0.1'}]} | ips[0].address '10.0.0.1'; allowed is an address",
        "{'ips':[{'address':'10.0.0.1/8','interface':'0'}]} | ips[0].interface '0'; allowed is a",
        "{'ips':[{'address':'10.0.0.1/8','gateway':1}]} | ips[0].gateway 1; allowed is an address",
        "{'routes':[{'gw':'10.0.0.1'}]} | routes[0] {'gw':'10.0.0.1'}: dst is missing",
        "{'routes':[{'dst':'x'}]} | routes[0].dst 'x'; allowed is a prefix such as 0.0.0.0/0",
        "{'routes':[{'dst':'::/0','scope':256}]} | routes[0].scope 256; allowed is a whole number",
        "{'interfaces':[{'name':1}]} | interfaces[0].name 1; allowed is a text in quotes",
        "{'interfaces':[{'mtu':-1}]} | interfaces[0].mtu -1; allowed is a whole number from 0",
        "{'dns':{'search':'a'}} | dns.search 'a'; allowed is a list […]",
        "{'cniVersion':'0.2.0','ip4':{}} | ip4 {}: ip is missing; allowed is an address",
      })
  void whatIsWrongIsNamed(String json, String expected) {
    CniException error =
        catchThrowableOfType(
            CniException.class, () -> CniResult.parse(json.replace('\'', '"'), CniVersion.V1_1_0));

    assertThat(error).hasMessageStartingWith(expected.replace('\'', '"'));
    assertThat(error.code().number()).isEqualTo(7);
  }
}
