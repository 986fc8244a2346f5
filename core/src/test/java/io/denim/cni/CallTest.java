package io.denim.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CallTest {
  private static final String CONFIG = "{\"name\":\"ü\"}";
  private static final List<String> ADD =
      List.of(
          "CNI_COMMAND=ADD",
          "CNI_CONTAINERID=c1",
          "CNI_NETNS=/var/run/netns/a",
          "CNI_IFNAME=eth0",
          "CNI_PATH=/opt/cni/bin");

  private static byte[] payload(List<String> variables, byte[] stdin) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String variable : variables) {
      out.writeBytes(variable.getBytes(StandardCharsets.UTF_8));
      out.write(0);
    }
    out.write(0);
    out.writeBytes(stdin);
    return out.toByteArray();
  }

  private static Call decode(List<String> variables) {
    return Call.decode(payload(variables, CONFIG.getBytes(StandardCharsets.UTF_8)));
  }

  private static List<String> with(String... more) {
    return Stream.concat(ADD.stream(), Stream.of(more)).toList();
  }

  private static List<String> without(String key) {
    return ADD.stream().filter(each -> !each.startsWith(key + "=")).toList();
  }

  private static CniException refused(List<String> variables) {
    return catchThrowableOfType(CniException.class, () -> decode(variables));
  }

  private static CniException refused(byte[] payload) {
    return catchThrowableOfType(CniException.class, () -> Call.decode(payload));
  }

  @Test
  void anAddIsUnderstood() {
    Call call = decode(with("CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAME=web-0"));

    assertThat(call.verb()).isEqualTo(Verb.ADD);
    assertThat(call.containerId()).isEqualTo("c1");
    assertThat(call.netns()).isEqualTo("/var/run/netns/a");
    assertThat(call.ifname()).isEqualTo("eth0");
    assertThat(call.args().podName()).isEqualTo("web-0");
    assertThat(call.hostNamespaceAllowed()).isFalse();
    assertThat(call.netnsErrno()).isEmpty();
    assertThat(call.config()).isEqualTo(CONFIG);
  }

  @Property
  void whatTheShimSendsIsRead(
      @ForAll @AlphaChars @StringLength(min = 1, max = 30) String id, @ForAll String config) {
    String sent = new String(config.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8) + "{";

    Call call =
        Call.decode(
            payload(
                List.of("CNI_COMMAND=DEL", "CNI_CONTAINERID=" + id, "CNI_IFNAME=eth0"),
                sent.getBytes(StandardCharsets.UTF_8)));

    assertThat(call.containerId()).isEqualTo(id);
    assertThat(call.config()).isEqualTo(sent);
  }

  @ParameterizedTest
  @CsvSource({
    "ADD, CNI_CONTAINERID",
    "ADD, CNI_NETNS",
    "ADD, CNI_IFNAME",
    "CHECK, CNI_CONTAINERID",
    "CHECK, CNI_NETNS",
    "CHECK, CNI_IFNAME",
    "DEL, CNI_CONTAINERID",
    "DEL, CNI_IFNAME",
    "GC, CNI_PATH",
    "STATUS, CNI_PATH"
  })
  void whatAVerbNeedsIsNamedWhenItIsMissing(Verb verb, String key) {
    List<String> variables =
        Stream.concat(
                Stream.of("CNI_COMMAND=" + verb),
                without(key).stream().filter(each -> !each.startsWith("CNI_COMMAND=")))
            .toList();

    CniException error = refused(variables);

    assertThat(error)
        .hasMessageStartingWith(key + " is not set, which " + verb + " needs; allowed is ");
    assertThat(error.code().number()).isEqualTo(4);
  }

  @Test
  void aVariableThatIsSetToNothingIsMissing() {
    assertThat(
            refused(
                Stream.concat(without("CNI_IFNAME").stream(), Stream.of("CNI_IFNAME=")).toList()))
        .hasMessageStartingWith("CNI_IFNAME is not set, which ADD needs");
  }

  @Test
  void aCallWithoutAVerbIsRefused() {
    assertThat(refused(without("CNI_COMMAND")))
        .hasMessage("CNI_COMMAND is not set; allowed is a verb such as ADD");
  }

  @Test
  void aDelNeedsNoNamespace() {
    Call call = decode(List.of("CNI_COMMAND=DEL", "CNI_CONTAINERID=c1", "CNI_IFNAME=eth0"));

    assertThat(call.netns()).isEmpty();
  }

  @Test
  void aNamespaceThatCouldNotBeOpenedComesWithItsErrno() {
    assertThat(decode(with("DENIM_NETNS_ERRNO=2")).netnsErrno()).isEqualTo(OptionalInt.of(2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "x", "99999999999"})
  void anErrnoThatIsNoneIsRefused(String text) {
    assertThat(refused(with("DENIM_NETNS_ERRNO=" + text)))
        .hasMessage("DENIM_NETNS_ERRNO is \"%s\"; allowed is a positive number", text);
  }

  @ParameterizedTest
  @CsvSource({"1, true", "true, true", "TRUE, true", "0, false", "yes, false"})
  void theHostsNamespaceMayBeAllowedForTests(String text, boolean allowed) {
    assertThat(decode(with("CNI_NETNS_OVERRIDE=" + text)).hostNamespaceAllowed())
        .isEqualTo(allowed);
  }

  @Test
  void variablesThatAreNotKnownAreIgnored() {
    assertThat(decode(with("TRACEPARENT=00-1", "novalue", "=x")).verb()).isEqualTo(Verb.ADD);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-c1", "_", ".a", "a/b", "a b", "ä", "a\n", "a:b"})
  void aContainersIdHasOnlyCertainCharacters(String id) {
    CniException error =
        refused(
            Stream.concat(without("CNI_CONTAINERID").stream(), Stream.of("CNI_CONTAINERID=" + id))
                .toList());

    assertThat(error)
        .hasMessage(
            "CNI_CONTAINERID is \"%s\"; allowed is letters, digits, _ . and -, beginning with a"
                + " letter or a digit, at most 239 characters",
            id);
    assertThat(error.code().number()).isEqualTo(4);
  }

  @Test
  void aContainersIdIsShortEnoughForAFilesName() {
    assertThat(decode(idOf(239)).containerId()).hasSize(239);
    assertThat(refused(idOf(240))).hasMessageContaining("at most 239 characters");
  }

  private static List<String> idOf(int length) {
    return Stream.concat(
            without("CNI_CONTAINERID").stream(), Stream.of("CNI_CONTAINERID=" + "a".repeat(length)))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {".", "..", "a/b", "a:b", "a b", "a\t", "abcdefghijklmnop", "äöüäöüäö", "a\u00a0b"})
  void anInterfacesNameIsOneThatTheKernelTakes(String name) {
    CniException error =
        refused(
            Stream.concat(without("CNI_IFNAME").stream(), Stream.of("CNI_IFNAME=" + name))
                .toList());

    assertThat(error).hasMessageStartingWith("CNI_IFNAME is \"%s\"; allowed is 1 to 15", name);
    assertThat(error.code().number()).isEqualTo(4);
  }

  @ParameterizedTest
  @EnumSource(names = "VERSION", mode = EnumSource.Mode.EXCLUDE)
  void allVerbsButOneNeedAConfiguration(Verb verb) {
    List<String> variables =
        Stream.concat(Stream.of("CNI_COMMAND=" + verb), ADD.stream().skip(1)).toList();

    CniException error = refused(payload(variables, " \n".getBytes(StandardCharsets.UTF_8)));

    assertThat(error)
        .hasMessage("the network configuration on stdin is empty; " + verb + " needs one on stdin");
    assertThat(error.code().number()).isEqualTo(6);
  }

  @Test
  void versionNeedsNothing() {
    assertThat(Call.decode(payload(List.of("CNI_COMMAND=VERSION"), new byte[0])).config())
        .isEmpty();
  }

  @Test
  void aConfigurationThatIsNoUtf8IsRefusedWithTheOffset() {
    CniException error = refused(payload(ADD, new byte[] {'{', '"', (byte) 0xc3, '"'}));

    assertThat(error).hasMessage("the network configuration on stdin is no UTF-8 from octet 2 on");
    assertThat(error.code().number()).isEqualTo(6);
  }

  @Test
  void aConfigurationThatBreaksOffWithinACharacterIsRefused() {
    assertThat(refused(payload(ADD, new byte[] {'{', (byte) 0xe2, (byte) 0x82})))
        .hasMessage("the network configuration on stdin is no UTF-8 from octet 1 on");
  }

  @Test
  void aConfigurationOfMoreThanAMegabyteIsRefused() {
    byte[] largest = " ".repeat(Call.MAX_CONFIG - 1).concat("x").getBytes(StandardCharsets.UTF_8);
    byte[] larger = new byte[Call.MAX_CONFIG + 1];

    assertThat(Call.decode(payload(ADD, largest)).config()).hasSize(Call.MAX_CONFIG);
    assertThat(refused(payload(ADD, larger)))
        .hasMessage("the network configuration on stdin has 1048577 octets; allowed are 1048576");
  }

  @Test
  void aVariableThatIsNoUtf8IsRefused() {
    byte[] payload = payload(List.of("CNI_COMMAND=A!"), CONFIG.getBytes(StandardCharsets.UTF_8));
    payload[13] = (byte) 0xff;

    CniException error = refused(payload);

    assertThat(error).hasMessage("CNI_COMMAND is no UTF-8 from octet 1 on");
    assertThat(error.code().number()).isEqualTo(4);
  }

  @Test
  void aVariableTwiceIsRefused() {
    assertThat(refused(with("CNI_IFNAME=eth1")))
        .hasMessage("CNI_IFNAME stands in the request twice");
  }

  @Test
  void aKnownVariableWithoutAValueIsRefused() {
    assertThat(refused(List.of("CNI_COMMAND")))
        .hasMessage("CNI_COMMAND stands in the request without = and a value");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "CNI_COMMAND=ADD", "CNI_COMMAND=ADD\0"})
  void aFrameThatEndsWithinItsVariablesIsRefused(String payload) {
    CniException error = refused(payload.getBytes(StandardCharsets.UTF_8));

    assertThat(error)
        .hasMessage(
            "the request of %d octets ends within its variables; it must have an empty one before"
                + " stdin",
            payload.length());
    assertThat(error.code().number()).isEqualTo(6);
  }
}
