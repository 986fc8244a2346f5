package io.denim.attach;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.cni.CniException.Code;
import io.denim.linux.Descriptor;
import io.denim.linux.netlink.Links;
import io.denim.linux.ns.Namespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent that has of its node's files only what comes with a call. */
class ContainedAgentIT {
  private static final String WITH_FOLDER = "netns,cni";

  @TempDir Path directory;
  private Path shared;
  private TestNode node;

  @BeforeEach
  void aNode() throws IOException {
    shared = Files.createDirectory(directory.resolve("shared"));
    node = new TestNode(shared, "10.1.0.0/24");
    node.startContained(shared);
  }

  @AfterEach
  void gone() {
    node.close();
  }

  /** The node's /var/lib/cni. */
  private Path cni(String name) throws IOException {
    return Files.createDirectories(directory.resolve(name));
  }

  private Answer call(
      String verb, TestContainer container, String config, String names, Path... folders) {
    Map<String, String> variables =
        Map.of(
            "CNI_COMMAND", verb,
            "CNI_CONTAINERID", container.id,
            "CNI_NETNS", TestContainer.NETNS,
            "CNI_IFNAME", TestContainer.IFNAME,
            "DENIM_DESCRIPTORS", names);
    List<Descriptor> descriptors = new ArrayList<>();
    descriptors.add(open(container.namespace.path()));
    for (Path each : folders) {
      descriptors.add(open(each));
    }
    return node.call(variables, config, descriptors);
  }

  private static Descriptor open(Path path) {
    return Descriptor.of(Namespace.open(path).fd());
  }

  private static List<String> addresses(Path cni) throws IOException {
    try (Stream<Path> files = Files.list(cni.resolve("networks").resolve(Config.NETWORK))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("10."))
          .sorted()
          .toList();
    }
  }

  @Test
  void anAddressThatAnotherPluginHasGivenOnTheNodeIsNotGivenAgain() throws Exception {
    Path cni = cni("cni");
    Path network = Files.createDirectories(cni.resolve("networks").resolve(Config.NETWORK));
    Files.writeString(network.resolve("10.1.0.2"), "another\r\neth0");

    call("ADD", node.container("c1"), Config.DENIM, WITH_FOLDER, cni).assertAdded();

    assertThat(addresses(cni)).containsExactly("10.1.0.2", "10.1.0.3");
    assertThat(Files.readString(network.resolve("10.1.0.3"))).startsWith("c1");
  }

  @Test
  void aFolderThatCouldNotBeOpenedIsToTryAgainAndIsTold() throws Exception {
    TestContainer first = node.container("c1");

    Answer refused = call("ADD", first, Config.DENIM, "netns,cni:13");

    assertThat(refused.assertError(Code.TRY_AGAIN)).contains("/var/lib/cni", "EACCES");
    assertThat(node.attachments().problems().toString()).contains("/var/lib/cni", "EACCES");
    call("ADD", first, Config.DENIM, WITH_FOLDER, cni("cni")).assertAdded();
    assertThat(node.attachments().problems()).isEmpty();
    assertThat(addresses(cni("cni"))).containsExactly("10.1.0.2");
  }

  @Test
  void eachCallBringsTheFolderAsItIsThen() throws Exception {
    call("ADD", node.container("c1"), Config.DENIM, WITH_FOLDER, cni("before")).assertAdded();

    call("ADD", node.container("c2"), Config.DENIM, WITH_FOLDER, cni("after")).assertAdded();

    assertThat(addresses(cni("before"))).containsExactly("10.1.0.2");
    assertThat(addresses(cni("after"))).containsExactly("10.1.0.2", "10.1.0.3");
  }

  @Test
  void whatIsOverAtTheStartIsUndoneByTheFirstCall() throws Exception {
    Path cni = cni("cni");
    TestContainer container = node.container("c1");
    call("ADD", container, Config.DENIM, WITH_FOLDER, cni).assertAdded();
    node.kernel.execute(Links.delete(node.link(Wiring.hostDevice(container.key())).index()));

    node.startContained(shared);
    assertThat(addresses(cni)).containsExactly("10.1.0.2");
    call("CHECK", node.container("c2"), Config.DENIM, WITH_FOLDER, cni);

    assertThat(addresses(cni)).isEmpty();
    assertThat(node.attachments().all()).isEmpty();
  }

  @Test
  void aDelThatWaitedIsDoneOnceTheFolderIsThere() throws Exception {
    Path cni = cni("cni");
    TestContainer container = node.container("c1");
    call("ADD", container, Config.DENIM, WITH_FOLDER, cni).assertAdded();
    node.startContained(shared);
    Files.createDirectories(node.folders.journal());
    Files.write(node.folders.journal().resolve("c1:eth0"), container.journalEntry(Config.DENIM));

    node.plugin().replay();
    assertThat(addresses(cni)).containsExactly("10.1.0.2");
    call("CHECK", node.container("c2"), Config.DENIM, WITH_FOLDER, cni);
    node.plugin().replay();

    assertThat(addresses(cni)).isEmpty();
    assertThat(node.names(node.folders.journal())).isEmpty();
  }

  @Test
  void aFolderThatTheContainerCannotSeeIsRefused() throws Exception {
    String elsewhere =
        Config.denim(
            Config.ipam("\"dataDir\":\"/elsewhere\",\"ranges\":[[{\"subnet\":\"10.1.0.0/24\"}]]"));

    Answer refused = call("ADD", node.container("c1"), elsewhere, WITH_FOLDER, cni("cni"));

    assertThat(refused.assertError(Code.INVALID_CONFIG))
        .contains("/elsewhere", "in a container", "/var/lib/cni", shared.toString());
  }
}
