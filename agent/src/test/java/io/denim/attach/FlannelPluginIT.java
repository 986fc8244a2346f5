package io.denim.attach;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.cni.CniException.Code;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.net.Family;
import io.denim.net.MacAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Configurations of flannel's own plugin, and containers that it has attached before. */
class FlannelPluginIT {
  private static final String ENV =
      """
      FLANNEL_NETWORK=10.1.0.0/16
      FLANNEL_SUBNET=10.1.0.1/24
      FLANNEL_MTU=1450
      FLANNEL_IPMASQ=true
      """;

  @TempDir Path directory;

  private TestNode node;
  private TestContainer container;
  private Path env;
  private Path scratch;

  @BeforeEach
  void open() throws Exception {
    node = new TestNode(directory, "10.1.0.0/24");
    container = node.container("c1");
    env = Files.writeString(directory.resolve("subnet.env"), ENV);
    scratch = directory.resolve("flannel");
  }

  @AfterEach
  void close() {
    node.close();
  }

  /** The configuration of kube-flannel's manifest, with the folders of the test. */
  private String config(String keys) {
    return """
    {"cniVersion":"0.3.1","name":"cbr0","type":"flannel","subnetFile":"%s","dataDir":"%s",\
    "delegate":{"hairpinMode":true,"isDefaultGateway":true}%s}\
    """
        .formatted(env, scratch, keys);
  }

  private String config() {
    return config("");
  }

  @Test
  void aContainerIsAttachedAsFlannelsDelegateWould() throws Exception {
    Answer added = container.add(config());

    assertThat(added.addresses()).containsExactly("10.1.0.2/24");
    assertThat(added.json().get("cniVersion").asString()).isEqualTo("0.3.1");
    assertThat(container.eth0().mtu()).isEqualTo(1450);
    assertThat(node.link(added.hostDevice()).hairpin()).isTrue();
    assertThat(container.routes(Family.IPV4))
        .extracting(route -> route.destination().toString())
        .containsExactlyInAnyOrder("0.0.0.0/0", "10.1.0.0/16", "10.1.0.0/24");
    assertThat(node.folders.addresses().resolve("cbr0/10.1.0.2")).hasContent("c1\r\neth0");
    Path file = scratch.resolve("c1");
    assertThat(file)
        .hasContent(
            """
            {"cniVersion":"0.3.1","hairpinMode":true,"ipMasq":false,\
            "ipam":{"ranges":[[{"subnet":"10.1.0.0/24"}]],"routes":[{"dst":"10.1.0.0/16"}],\
            "type":"host-local"},"isDefaultGateway":true,"isGateway":true,"mtu":1450,\
            "name":"cbr0","type":"bridge"}\
            """);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(scratch)))
        .isEqualTo("rwx------");
    Talk.answerTcp(node, container.namespace, 80, "c1");
    assertThat(Talk.tcp(node.namespace, added.ip(), 80)).startsWith("c1 ");
  }

  @Test
  void whatTheRuntimeAsksForReachesTheDelegate() {
    container
        .add(
            config(
                ",\"runtimeConfig\":{\"portMappings\":[{\"hostPort\":8080,\"containerPort\":80,"
                    + "\"protocol\":\"tcp\"}]}"))
        .assertAdded();
    Talk.answerTcp(node, container.namespace, 80, "c1");

    assertThat(Talk.tcp(node.outside, "192.0.2.1", 8080)).isEqualTo("c1 192.0.2.2");
  }

  @Test
  void aNodeThatDoesNotMasqueradeLeavesItToTheDelegate() throws Exception {
    Files.writeString(env, ENV.replace("IPMASQ=true", "IPMASQ=false"));
    Talk.answerTcp(node, node.outside, 80, "outside");

    container.add(config()).assertAdded();

    assertThat(Talk.tcp(container.namespace, "192.0.2.2", 80)).isEqualTo("outside 192.0.2.1");
  }

  @Test
  void delTakesTheScratchFileAwayToo() {
    List<String> before = node.remains();
    container.add(config()).assertAdded();

    container.del(config()).assertDone();

    assertThat(node.remains()).isEqualTo(before);
    assertThat(node.names(scratch)).isEmpty();
    container.del(config()).assertDone();
  }

  @Test
  void delWorksWhenTheScratchFileAndTheEnvironmentAreGone() throws Exception {
    List<String> before = node.remains();
    container.add(config()).assertAdded();
    Files.delete(scratch.resolve("c1"));
    Files.delete(env);

    container.delWithoutNamespace(config()).assertDone();

    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void gcTakesTheScratchFileOfAStaleContainer() {
    container.add(config()).assertAdded();

    node.call("GC", config(",\"cni.dev/valid-attachments\":[]").replace("\"0.3.1\"", "\"1.1.0\""))
        .assertDone();

    assertThat(node.names(scratch)).isEmpty();
    assertThat(node.addressFiles("cbr0")).isEmpty();
  }

  /** What flannel's own plugin leaves: scratch file, reservation, and a veth of another name. */
  private void attachByFlannel(String delegate) throws IOException {
    Files.createDirectories(scratch);
    Files.writeString(scratch.resolve("c1"), delegate);
    Path reserved = Files.createDirectories(node.folders.addresses().resolve("cbr0"));
    Files.writeString(reserved.resolve("10.1.0.7"), "c1\r\neth0");
    Files.writeString(reserved.resolve("10.1.0.8"), "c2\r\neth0");
    Files.writeString(reserved.resolve("last_reserved_ip.0"), "10.1.0.8");
    node.kernel.execute(
        Links.create(
            Links.Spec.of(
                    "veth12345678",
                    new LinkKind.VethPair(
                        "eth0", MacAddress.local(7), 1450, Optional.of(container.namespace)))
                .mac(MacAddress.local(8))
                .mtu(1450)
                .master(node.link("cni0").index())
                .upAtOnce()));
  }

  private static String delegate(String name) {
    return """
    {"cniVersion":"0.3.1","hairpinMode":true,"ipMasq":false,\
    "ipam":{"ranges":[[{"subnet":"10.1.0.0/24"}]],"routes":[{"dst":"10.1.0.0/16"}],\
    "type":"host-local"},"isDefaultGateway":true,"isGateway":true,"mtu":1450,\
    "name":"%s","type":"bridge"}\
    """
        .formatted(name);
  }

  @Test
  void aContainerThatFlannelsPluginAddedIsDeleted() throws Exception {
    attachByFlannel(delegate("cbr0"));

    container.del(config()).assertDone();

    assertThat(node.addressFiles("cbr0")).containsExactly("10.1.0.8");
    assertThat(node.kernel.link("veth12345678")).isEmpty();
    assertThat(node.names(scratch)).isEmpty();
    assertThat(container.add(config()).ip()).isEqualTo("10.1.0.9");
  }

  @Test
  void aContainerThatFlannelsPluginAddedIsDeletedWithoutItsNamespace() throws Exception {
    attachByFlannel(delegate("cbr0"));

    container.delWithoutNamespace(config()).assertDone();

    assertThat(node.addressFiles("cbr0")).containsExactly("10.1.0.8");
    assertThat(node.names(scratch)).isEmpty();
  }

  @Test
  void theNetworkThatFlannelsPluginKnewCountsWhenItsNameHasChangedSince() throws Exception {
    attachByFlannel(delegate("cbr0"));

    container.del(config().replace("\"cbr0\"", "\"renamed\"")).assertDone();

    assertThat(node.addressFiles("cbr0")).containsExactly("10.1.0.8");
  }

  @Test
  void theFolderThatFlannelsPluginKnewCounts() throws Exception {
    attachByFlannel(
        delegate("cbr0")
            .replace(
                "\"type\":\"host-local\"",
                "\"dataDir\":\"" + directory.resolve("own") + "\",\"type\":\"host-local\""));
    Path reserved = Files.createDirectories(directory.resolve("own/cbr0"));
    Files.writeString(reserved.resolve("10.1.0.9"), "c1\r\neth0");

    container.del(config()).assertDone();

    assertThat(reserved.resolve("10.1.0.9")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "no JSON", "{}", "[1", "\u0000"})
  void aScratchFileThatCannotBeReadKeepsNothingFromBeingDeleted(String content) throws Exception {
    attachByFlannel(content);

    container.del(config()).assertDone();

    assertThat(node.addressFiles("cbr0")).containsExactly("10.1.0.8");
    assertThat(node.names(scratch)).isEmpty();
  }

  @Test
  void aScratchFileThatIsNoTextKeepsNothingFromBeingDeleted() throws Exception {
    attachByFlannel("");
    Files.write(scratch.resolve("c1"), "\u00ff{".getBytes(StandardCharsets.ISO_8859_1));

    container.del(config()).assertDone();

    assertThat(node.addressFiles("cbr0")).containsExactly("10.1.0.8");
  }

  @Test
  void checkOfAContainerThatFlannelsPluginAddedLooksAtItsInterface() throws Exception {
    attachByFlannel(delegate("cbr0"));
    String config =
        config(
                """
                ,"prevResult":{"cniVersion":"0.4.0","ips":[{"version":"4",\
                "address":"10.1.0.7/24"}]}\
                """)
            .replace("\"0.3.1\"", "\"0.4.0\"");

    container.call("CHECK", config, Map.of()).assertDone();
    node.kernel.execute(Links.delete(node.link("veth12345678").index()));

    assertThat(container.call("CHECK", config, Map.of()).assertError(Code.CHECK_FAILED))
        .contains("no interface eth0");
  }

  @Test
  void checkOfWhatDenimAddedIsAsOfABridge() {
    String config = config().replace("\"0.3.1\"", "\"0.4.0\"");
    Answer added = container.add(config);

    container.check(config, added).assertDone();
  }

  @Test
  void withoutTheEnvironmentAnAddIsToBeTriedAgain() throws Exception {
    Files.delete(env);
    List<String> before = node.remains();

    String error = container.add(config()).assertError(Code.TRY_AGAIN);

    assertThat(error).contains("failed to load flannel 'subnet.env' file: open " + env);
    assertThat(node.remains()).isEqualTo(before);
    String status = config().replace("\"0.3.1\"", "\"1.1.0\"");
    assertThat(node.call("STATUS", status).assertError(Code.UNAVAILABLE)).contains("subnet.env");
    Files.writeString(env, ENV);
    node.call("STATUS", status).assertDone();
    container.add(config()).assertAdded();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FLANNEL_SUBNET=10.1.0.1/24 | FLANNEL_NETWORK",
        "FLANNEL_NETWORK=10.1.0.0/16 | FLANNEL_SUBNET",
        "FLANNEL_MTU=x | FLANNEL_MTU"
      })
  void anEnvironmentThatIsWrongIsNamed(String line, String words) throws Exception {
    Files.writeString(env, line + "\n");

    assertThat(container.add(config()).assertError(Code.INVALID_CONFIG))
        .contains(env.toString(), words);
  }

  @Test
  void anEmptyEnvironmentIsOneThatIsYetToCome() throws Exception {
    Files.writeString(env, "\n");

    assertThat(container.add(config()).assertError(Code.TRY_AGAIN))
        .contains("is missing FLANNEL_NETWORK");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`\"delegate\":{\"name\":\"x\"}` | 7 | must not have 'name' field",
        "`\"delegate\":{\"ipam\":{}}` | 7 | must not have 'ipam' field",
        "`\"delegate\":{\"type\":\"macvlan\"}` | 7 | delegate.type \"macvlan\"",
        "`\"delegate\":{\"vlan\":5}` | 2 | delegate.vlan 5 is not supported"
      })
  void aDelegateThatIsWrongIsNamed(String keys, int code, String words) {
    Answer answer =
        container.add(
            "{\"cniVersion\":\"0.3.1\",\"name\":\"cbr0\",\"type\":\"flannel\",\"subnetFile\":\""
                + env
                + "\","
                + keys
                + "}");

    assertThat(answer.json().get("code").asInt()).as(answer.out()).isEqualTo(code);
    assertThat(answer.json().get("msg").asString()).contains(words);
  }

  @Test
  void whenTheScratchFileCannotBeWrittenNothingIsLeft() throws Exception {
    Files.writeString(scratch, "a file in the place of the folder");
    List<String> before = node.remains();

    container.add(config()).assertError(Code.IO_FAILURE);

    assertThat(node.remains()).isEqualTo(before);
  }
}
