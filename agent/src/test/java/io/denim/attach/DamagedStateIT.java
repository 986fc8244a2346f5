package io.denim.attach;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.cni.CniException.Code;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records and journals that are damaged stop nobody; the journal's DELs are done. */
class DamagedStateIT {
  private static final String PORT =
      Config.denim(Config.runtime("\"portMappings\":[{\"hostPort\":8080,\"containerPort\":80}]"));

  @TempDir Path directory;

  private TestNode node;
  private TestContainer container;
  private TestContainer other;
  private Path record;

  @BeforeEach
  void open() {
    node = new TestNode(directory, "10.1.0.0/24");
    container = node.container("c1");
    other = node.container("c2");
    record = node.folders.records().resolve("c1:eth0");
  }

  @AfterEach
  void close() {
    node.close();
  }

  /** The container's record is damaged, and an agent finds it so. */
  private void assertDamageIsBorne(List<String> before, Answer neighbour) {
    assertThat(node.attachments().problems())
        .singleElement()
        .asString()
        .contains(record.toString(), "cannot be read", "DEL");
    other.check(PORT, neighbour).assertDone();
    other.del(PORT).assertDone();
    other.add(PORT).assertAdded();
    other.del(PORT).assertDone();
    assertThat(container.add(Config.DENIM).assertError(Code.ALREADY_ATTACHED))
        .contains("cannot be read", "DEL");
    assertThat(container.link("eth0")).isPresent();
    container.delWithoutNamespace(Config.DENIM).assertDone();
    assertThat(node.attachments().problems()).isEmpty();
    assertThat(node.remains()).isEqualTo(before);
    container.add(Config.DENIM).assertAdded();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "7",
        "{}",
        "\u0000",
        "{\"key\":null}",
        "{\"key\":{\"container\":\"c1\"}}",
        "{\"key\":{\"container\":\"c1\",\"ifname\":\"eth0\"}}",
        "{\"key\":{\"container\":\"c9\",\"ifname\":\"eth0\"}}"
      })
  void aRecordThatIsNoneIsTold(String content) throws Exception {
    List<String> before = node.remains();
    container.add(Config.DENIM).assertAdded();
    Answer neighbour = other.add(PORT);
    Files.writeString(record, content);

    node.start();

    assertDamageIsBorne(before, neighbour);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"network\":\"pods\" -> \"network\":null",
        "\"network\":\"pods\" -> \"network\":7",
        "\"network\":\"pods\" -> \"network\":\"../x\"",
        "\"network\":\"pods\" -> \"other\":\"pods\"",
        "\"complete\":true -> \"complete\":null",
        "\"complete\":true -> \"complete\":\"yes\"",
        "\"hostPorts\":[] -> \"hostPorts\":[null]",
        "\"hostPorts\":[] -> \"hostPorts\":[{}]",
        "\"bridge\":\"cni0\" -> \"bridge\":null",
        "\"mtu\":1450 -> \"mtu\":99999999999",
        "\"address\":\"10.1.0.2/24\" -> \"address\":\"10.1.0.2/99\"",
        "\"address\":\"10.1.0.2/24\" -> \"address\":\"10.1.0.2/32\"",
        "\"gateway\":\"10.1.0.1\" -> \"gateway\":null",
        "\"addressFolder\":\" -> \"addressFolder\":\"\\u0000",
        "\"since\":\" -> \"since\":\"yesterday"
      })
  void aRecordOfWhichAPartIsWrongIsTold(String change) throws Exception {
    List<String> before = node.remains();
    container.add(Config.DENIM).assertAdded();
    Answer neighbour = other.add(PORT);
    String whole = Files.readString(record);
    String[] parts = change.split(" -> ", -1);
    assertThat(whole).contains(parts[0]);
    Files.writeString(record, whole.replace(parts[0], parts[1]));

    node.start();

    assertDamageIsBorne(before, neighbour);
  }

  @Test
  void aRecordThatEndsTooEarlyIsTold() throws Exception {
    List<String> before = node.remains();
    container.add(Config.DENIM).assertAdded();
    Answer neighbour = other.add(PORT);
    byte[] whole = Files.readAllBytes(record);
    Files.write(record, java.util.Arrays.copyOf(whole, whole.length / 2));

    node.start();

    assertDamageIsBorne(before, neighbour);
  }

  @Test
  void aRecordThatIsNoTextIsTold() throws Exception {
    List<String> before = node.remains();
    container.add(Config.DENIM).assertAdded();
    Answer neighbour = other.add(PORT);
    Files.write(record, "{\"\u00ff\":1}".getBytes(StandardCharsets.ISO_8859_1));

    node.start();

    assertDamageIsBorne(before, neighbour);
  }

  @Test
  void aRecordOfAMegabyteIsTold() throws Exception {
    List<String> before = node.remains();
    container.add(Config.DENIM).assertAdded();
    Answer neighbour = other.add(PORT);
    Files.writeString(record, "[".repeat(1 << 20));

    node.start();

    assertDamageIsBorne(before, neighbour);
  }

  @Test
  void aFolderInTheRecordsPlaceIsTold() throws Exception {
    List<String> before = node.remains();
    container.add(Config.DENIM).assertAdded();
    Answer neighbour = other.add(PORT);
    Files.delete(record);
    Files.createDirectory(record);

    node.start();

    assertDamageIsBorne(before, neighbour);
  }

  @Test
  void whatAKilledAgentHadNotYetNamedIsSweptAway() throws Exception {
    Files.writeString(node.folders.records().resolve(".7.tmp"), "{");

    node.start();

    assertThat(node.names(node.folders.records())).isEmpty();
    assertThat(node.attachments().problems()).isEmpty();
  }

  @Test
  void aRecordOfANewerDenimIsRead() throws Exception {
    Answer added = container.add(Config.DENIM);
    Files.writeString(record, Files.readString(record).replaceFirst("\\{", "{\"newer\":[1],"));

    node.start();

    assertThat(node.attachments().problems()).isEmpty();
    container.check(Config.DENIM, added).assertDone();
  }

  private void journal(TestContainer of, String config) throws IOException {
    Files.createDirectories(node.folders.journal());
    Files.write(node.folders.journal().resolve(of.id + ":eth0"), of.journalEntry(config));
  }

  @Test
  void whatWaitsInTheJournalIsDone() throws Exception {
    List<String> before = node.remains();
    container.add(PORT).assertAdded();
    journal(container, PORT);
    journal(other, PORT);

    node.start();
    node.plugin().replay();

    assertThat(node.remains()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "garbage", "{}", "{\"cniVersion\":\"7\"}"})
  void aDelThatWaitsWithAConfigurationThatCannotBeReadIsDone(String config) throws Exception {
    List<String> before = node.remains();
    container.add(PORT).assertAdded();
    journal(container, config);
    journal(other, config);

    node.plugin().replay();

    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void entriesThatAreNoRequestsAreDoneAsDels() throws Exception {
    List<String> before = node.remains();
    container.add(PORT).assertAdded();
    other.add(Config.DENIM).assertAdded();
    Files.createDirectories(node.folders.journal());
    Files.write(node.folders.journal().resolve("c1:eth0"), new byte[] {0, (byte) 0xff, 7});
    Files.write(
        node.folders.journal().resolve("c2:eth0"),
        new String(container.journalEntry(PORT), StandardCharsets.UTF_8)
            .replace("CNI_COMMAND=DEL", "CNI_COMMAND=ADD")
            .getBytes(StandardCharsets.UTF_8));

    node.plugin().replay();

    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void anEntryThatCannotBeReadHoldsUpNoOther() throws Exception {
    for (String id : List.of("a1", "c1", "z1")) {
      Files.createDirectories(node.folders.journal().resolve(id + ":eth9/in-the-way"));
    }
    container.add(PORT).assertAdded();
    other.add(Config.DENIM).assertAdded();
    journal(container, PORT);
    journal(other, PORT);

    node.plugin().replay();

    assertThat(node.attachments().all()).isEmpty();
    assertThat(node.names(node.folders.journal())).containsExactly("a1:eth9", "c1:eth9", "z1:eth9");
  }

  @Test
  void whatCannotBeTakenAwayIsTriedAgain() throws Exception {
    List<String> before = node.remains();
    container.add(PORT).assertAdded();
    other.add(Config.DENIM).assertAdded();
    Files.delete(record);
    Files.createDirectories(record.resolve("in-the-way"));
    journal(container, PORT);
    journal(other, PORT);

    node.plugin().replay();
    assertThat(node.names(node.folders.journal())).containsExactly("c1:eth0");
    Files.delete(record.resolve("in-the-way"));
    node.plugin().replay();

    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void anAddBeforeItsOldDelIsDoneIsNotUndoneByIt() throws Exception {
    Answer first = container.add(PORT);
    journal(container, PORT);
    node.start();

    Answer second = container.add(PORT);
    node.plugin().replay();

    assertThat(second.ip()).isNotEqualTo(first.ip());
    container.check(PORT, second).assertDone();
    assertThat(node.addressFiles("pods")).containsExactly(second.ip());
    assertThat(node.names(node.folders.journal())).isEmpty();
  }

  @Test
  void namesThatAreNoEntriesAreLeft() throws Exception {
    Files.createDirectories(node.folders.journal());
    for (String name : List.of(".c1:eth0.tmp", "README", ":eth0", "c1:")) {
      Files.writeString(node.folders.journal().resolve(name), "x");
    }

    node.plugin().replay();

    assertThat(node.names(node.folders.journal())).hasSize(4);
  }
}
