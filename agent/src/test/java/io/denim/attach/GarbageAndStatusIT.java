package io.denim.attach;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.cni.CniException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** GC takes away what nobody wants, of one network; STATUS says whether an ADD would succeed. */
class GarbageAndStatusIT {
  private static final String PORT =
      Config.runtime("\"portMappings\":[{\"hostPort\":8080,\"containerPort\":80}]");

  @TempDir Path directory;

  private TestNode node;

  @BeforeEach
  void open() {
    node = new TestNode(directory, "10.1.0.0/29");
  }

  @AfterEach
  void close() {
    node.close();
  }

  private static String keeping(String config, String... containers) {
    return listing("cni.dev/valid-attachments", config, containers);
  }

  private static String listing(String key, String config, String... containers) {
    StringBuilder list = new StringBuilder();
    for (String container : containers) {
      list.append(list.isEmpty() ? "" : ",")
          .append("{\"containerID\":\"" + container + "\",\"ifname\":\"eth0\"}");
    }
    return config.substring(0, config.length() - 1) + ",\"" + key + "\":[" + list + "]}";
  }

  /** A reservation that a crash left long ago, as host-local writes it. */
  private Path stray(String network, String address, String container) throws IOException {
    Path file = node.folders.addresses().resolve(network).resolve(address);
    Files.createDirectories(file.resolveSibling(""));
    Files.writeString(file, container + "\r\neth0");
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofMinutes(5))));
    return file;
  }

  @Test
  void whatIsNotInTheListGoesAndTheRestStays() {
    TestContainer kept = node.container("kept");
    Answer first = kept.add(Config.DENIM);
    List<String> before = node.remains();
    node.container("stale").add(Config.denim(PORT)).assertAdded();

    node.call("GC", keeping(Config.DENIM, "kept")).assertDone();

    assertThat(node.remains()).isEqualTo(before);
    kept.check(Config.DENIM, first).assertDone();
  }

  @Test
  void theKeyOfTheFirstSpecificationIsUnderstoodToo() {
    List<String> before = node.remains();
    node.container("stale").add(Config.DENIM).assertAdded();

    node.call("GC", listing("cni.dev/attachments", Config.DENIM)).assertDone();

    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void otherNetworksAreLeftAlone() throws Exception {
    TestContainer other = node.container("c1");
    String config = Config.named("others", Config.DENIM);
    Answer added = other.add(config);
    Path stray = stray("others", "10.1.0.5", "unknown");

    node.call("GC", keeping(Config.DENIM)).assertDone();

    other.check(config, added).assertDone();
    assertThat(stray).exists();
  }

  @Test
  void addressesOfOwnersThatNobodyKnowsAreFreed() throws Exception {
    Path stray = stray(Config.NETWORK, "10.1.0.5", "unknown");
    Path kept = stray(Config.NETWORK, "10.1.0.6", "kept");

    node.call("GC", keeping(Config.DENIM, "kept")).assertDone();

    assertThat(stray).doesNotExist();
    assertThat(kept).exists();
  }

  @Test
  void oneThatCannotBeTakenAwayIsToldAndTheOthersGo() throws Exception {
    node.container("a").add(Config.DENIM).assertAdded();
    node.container("b").add(Config.DENIM).assertAdded();
    node.container("c").add(Config.DENIM).assertAdded();
    Path record = node.folders.records().resolve("b:eth0");
    Files.delete(record);
    Files.createDirectories(record.resolve("in-the-way"));

    String error = node.call("GC", keeping(Config.DENIM)).assertError(Code.IO_FAILURE);

    assertThat(error).contains("garbage is left").contains("b:eth0");
    assertThat(node.remains())
        .noneMatch(line -> line.startsWith("address") || line.contains("veth"))
        .contains("record b:eth0");
    Files.delete(record.resolve("in-the-way"));
    node.call("GC", keeping(Config.DENIM)).assertDone();
    assertThat(node.names(node.folders.records())).isEmpty();
  }

  @Test
  void withoutAListOnlyThatGoesWhoseDeviceIsGone() {
    TestContainer alive = node.container("alive");
    Answer added = alive.add(Config.DENIM);
    TestContainer dead = node.container("dead");
    dead.add(Config.DENIM);
    dead.namespace.close();
    Awaitility.await()
        .untilAsserted(() -> {
          node.call("GC", Config.DENIM).assertDone();
          assertThat(node.names(node.folders.records())).containsExactly("alive:eth0");
        });

    alive.check(Config.DENIM, added).assertDone();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[{}]",
        "[7]",
        "[{\"containerID\":\" \",\"ifname\":\"eth0\"}]",
        "[{\"containerID\":\"c1\",\"ifname\":\"a/b\"}]"
      })
  void aListThatIsWrongIsRefused(String list) {
    TestContainer container = node.container("c1");
    Answer added = container.add(Config.DENIM);

    String error =
        node.call("GC", Config.denim("\"cni.dev/valid-attachments\":" + list))
            .assertError(Code.INVALID_CONFIG);

    assertThat(error).contains("cni.dev/valid-attachments");
    container.check(Config.DENIM, added).assertDone();
  }

  @Test
  void ofChainedPluginsOnlyWhatTheyAddedGoes() {
    TestContainer container = node.container("c1");
    Answer added = container.add(Config.DENIM);
    String ports = Config.of("1.1.0", "portmap", PORT);
    container.call("ADD", added.behind(ports), java.util.Map.of()).assertAdded();
    assertThat(node.elements()).isNotEmpty();

    node.call("GC", keeping(Config.of("1.1.0", "portmap", ""))).assertDone();

    assertThat(node.elements()).isEmpty();
    container.check(Config.DENIM, added).assertDone();
  }

  @Test
  void aDelAfterGcSucceeds() {
    TestContainer container = node.container("stale");
    container.add(Config.DENIM).assertAdded();
    node.call("GC", keeping(Config.DENIM)).assertDone();

    container.del(Config.DENIM).assertDone();
  }

  @Test
  void aReadyNodeSaysNothing() {
    for (String type : List.of("denim-cni", "portmap", "bandwidth", "loopback")) {
      node.call("STATUS", Config.of("1.1.0", type, "")).assertDone();
    }
    node.call("STATUS", Config.bridge(Config.subnets("172.16.0.0/24") + ",\"bridge\":\"br1\""))
        .assertDone();
  }

  @Test
  void aNodeThatIsNotReadySaysWhyWithCode50() {
    node.condition(new NodeCondition.NotReady(List.of("no net-conf", "no route")));

    Answer answer = node.call("STATUS", Config.DENIM);

    assertThat(answer.assertError(Code.UNAVAILABLE)).contains("not ready", "no net-conf; no route");
    assertThat(answer.json().get("details").asString()).isEqualTo("no net-conf; no route");
  }

  @Test
  void aNodeWhoseNetworkIsLimitedSaysWhyWithCode51() {
    node.condition(new NodeCondition.Limited(List.of("flannel.1: EPERM")));

    assertThat(node.call("STATUS", Config.DENIM).assertError(Code.LIMITED))
        .contains("flannel.1: EPERM");
  }

  @Test
  void aNodeWithoutFreeAddressesSaysSoWithCode50AndAddHasCode102() {
    TestContainer first = node.container("c0");
    first.add(Config.DENIM).assertAdded();
    for (int i = 1; i < 5; i++) {
      node.container("c" + i).add(Config.DENIM).assertAdded();
    }
    List<String> before = node.remains();

    assertThat(node.call("STATUS", Config.DENIM).assertError(Code.UNAVAILABLE))
        .contains("no address is free in network pods", "10.1.0.0/29");
    assertThat(node.container("c5").add(Config.DENIM).assertError(Code.EXHAUSTED))
        .contains("10.1.0.0/29");
    assertThat(node.remains()).isEqualTo(before);
    first.del(Config.DENIM).assertDone();
    node.call("STATUS", Config.DENIM).assertDone();
  }

  @Test
  void aConfigurationThatNoAddCouldFollowIsToldByStatus() {
    String foreign = Config.denim("\"isGateway\":true," + Config.subnets("172.16.0.0/24"));

    assertThat(node.call("STATUS", foreign).assertError(Code.UNAVAILABLE))
        .contains("the node's own");
  }

  @Test
  void aFolderOfAddressesThatCannotBeUsedIsToldByStatus() throws Exception {
    Files.createDirectories(node.folders.addresses());
    Files.writeString(node.folders.addresses().resolve("pods"), "a file in the folder's place");
    Files.createDirectories(node.folders.addresses().resolve("others/lock"));

    assertThat(node.call("STATUS", Config.DENIM).assertError(Code.UNAVAILABLE))
        .contains(node.folders.addresses().resolve("pods").toString());
    assertThat(
            node.call("STATUS", Config.named("others", Config.DENIM)).assertError(Code.UNAVAILABLE))
        .contains("others/lock");
  }
}
