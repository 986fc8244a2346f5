package io.denim.attach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.cni.CniException.Code;
import io.denim.linux.Errno;
import io.denim.linux.LinuxException;
import io.denim.linux.netlink.LinkKind;
import io.denim.linux.netlink.Links;
import io.denim.net.MacAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An ADD that fails or is killed leaves nothing, wherever it was; many at once disturb nobody. */
class AttachFaultsIT {
  private static final String PORTS =
      "\"portMappings\":[{\"hostPort\":8080,\"containerPort\":80,\"protocol\":\"tcp\"}]";

  @TempDir Path directory;

  private TestNode node;
  private TestContainer container;
  private Path scratch;
  private String everything;

  @BeforeEach
  void open() throws Exception {
    node = new TestNode(directory, "10.1.0.0/24");
    container = node.container("c1");
    scratch = directory.resolve("flannel");
    Path env =
        Files.writeString(
            directory.resolve("subnet.env"),
            """
            FLANNEL_NETWORK=10.1.0.0/16
            FLANNEL_SUBNET=10.1.0.1/24
            FLANNEL_MTU=1450
            FLANNEL_IPMASQ=false
            """);
    everything =
        """
        {"cniVersion":"1.1.0","name":"pods","type":"flannel","subnetFile":"%s","dataDir":"%s",\
        "delegate":{"hairpinMode":true,"isDefaultGateway":true,"macspoofchk":true},"runtimeConfig":{%s,\
        "bandwidth":{"ingressRate":8000000,"ingressBurst":800000,\
        "egressRate":8000000,"egressBurst":800000}}}\
        """
            .formatted(env, scratch, PORTS);
  }

  @AfterEach
  void close() {
    node.close();
  }

  private static Consumer<Stage> at(Stage fatal, Runnable deed) {
    return stage -> {
      if (stage == fatal) {
        deed.run();
      }
    };
  }

  /** What no part of Denim catches, as nobody catches SIGKILL. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1;
  }

  @ParameterizedTest
  @EnumSource
  void anAddThatFailsLeavesNothingWhereverItFails(Stage stage) {
    List<String> before = node.remains();
    node.start(
        at(
            stage,
            () -> {
              throw new LinuxException("do something", Errno.ENOBUFS);
            }));

    String error = container.add(everything).assertError(Code.IO_FAILURE);

    assertThat(error).contains("cannot attach eth0 of container c1", "ENOBUFS");
    assertThat(node.remains()).isEqualTo(before);
    assertThat(node.names(scratch)).isEmpty();
    assertThat(container.link("eth0")).isEmpty();
    container.del(everything).assertDone();
    node.start();
    Answer again = container.add(everything).assertAdded();
    container.check(everything, again).assertDone();
  }

  @Test
  void aFaultOfDenimsOwnLeavesNothingEither() {
    List<String> before = node.remains();
    node.start(
        at(
            Stage.SHAPED,
            () -> {
              throw new IllegalStateException("a fault");
            }));

    assertThat(container.add(everything).assertError(Code.INTERNAL)).contains("a fault");

    assertThat(node.remains()).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "COMPLETE")
  void whatAnAgentWasKilledAtIsUndoneByTheNext(Stage stage) {
    List<String> before = node.remains();
    node.start(
        at(
            stage,
            () -> {
              throw new Killed();
            }));
    assertThatThrownBy(() -> container.add(everything)).isInstanceOf(Killed.class);
    assertThat(node.remains()).isNotEqualTo(before);

    node.start();

    assertThat(node.remains()).isEqualTo(before);
    assertThat(container.link("eth0")).isEmpty();
    container.del(everything).assertDone();
    container.add(everything).assertAdded();
  }

  @ParameterizedTest
  @EnumSource
  void whatAnAgentWasKilledAtIsTakenAwayByDel(Stage stage) {
    List<String> before = node.remains();
    node.start(
        at(
            stage,
            () -> {
              throw new Killed();
            }));
    assertThatThrownBy(() -> container.add(everything)).isInstanceOf(Killed.class);

    container.delWithoutNamespace(everything).assertDone();

    assertThat(node.remains()).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "COMPLETE")
  void whatAnAgentWasKilledAtIsInNobodysWay(Stage stage) {
    node.start(
        at(
            stage,
            () -> {
              throw new Killed();
            }));
    assertThatThrownBy(() -> container.add(everything)).isInstanceOf(Killed.class);
    node.start();

    Answer other = node.container("c2").add(everything);
    Answer again = container.add(Config.DENIM);

    assertThat(again.ip()).isNotEqualTo(other.ip());
    container.check(Config.DENIM, again).assertDone();
  }

  @Test
  void anAddThatWasCompleteButNotAnsweredStaysUntilItsDel() {
    List<String> before = node.remains();
    node.start(
        at(
            Stage.COMPLETE,
            () -> {
              throw new Killed();
            }));
    assertThatThrownBy(() -> container.add(everything)).isInstanceOf(Killed.class);
    node.start();

    assertThat(node.attachments().find(container.key())).isPresent();
    container.add(everything).assertError(Code.ALREADY_ATTACHED);
    container.del(everything).assertDone();

    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void aRouteThatTheKernelRefusesLeavesNothing() {
    List<String> before = node.remains();
    String config =
        Config.denim(Config.ipam("\"routes\":[{\"dst\":\"10.9.0.0/16\",\"gw\":\"172.16.0.1\"}]"));

    assertThat(container.add(config).assertError(Code.IO_FAILURE)).contains("10.9.0.0/16");

    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void aRecordThatCannotBeWrittenLeavesNothing() throws Exception {
    List<String> before = node.remains();
    Files.delete(node.folders.records());
    Files.writeString(node.folders.records(), "a file in the place of the folder");

    assertThat(container.add(everything).exitCode()).isEqualTo(1);

    assertThat(node.remains()).isEqualTo(before);
    Files.delete(node.folders.records());
    container.add(everything).assertAdded();
  }

  @Test
  void aReservationThatCannotBeWrittenLeavesNothingBeyondTheFault() throws Exception {
    List<String> before = node.remains();
    Files.createDirectories(node.folders.addresses());
    Files.writeString(node.folders.addresses().resolve("pods"), "a file in the folder's place");

    assertThat(container.add(everything).exitCode()).isEqualTo(1);

    Files.delete(node.folders.addresses().resolve("pods"));
    container.del(everything).assertDone();
    assertThat(node.remains()).isEqualTo(before);
    container.add(everything).assertAdded();
  }

  @Test
  void reservationsThatSomebodyDeletedWhileTheAgentRunsAreNotGivenTwice() throws Exception {
    Answer first = container.add(Config.DENIM);
    TestContainer other = node.container("c2");
    Path pods = node.folders.addresses().resolve("pods");
    for (String name : node.names(pods)) {
      Files.delete(pods.resolve(name));
    }
    Files.delete(pods);

    Answer second = other.add(Config.DENIM);

    assertThat(second.addresses()).doesNotContainAnyElementsOf(first.addresses());
    container.del(Config.DENIM).assertDone();
    other.del(Config.DENIM).assertDone();
    assertThat(node.addressFiles("pods")).isEmpty();
  }

  @Test
  void reservationsThatSomebodyDeletedWhileNoAgentRanAreNotGivenTwice() throws Exception {
    Answer first = container.add(Config.DENIM);
    Files.delete(node.folders.addresses().resolve("pods").resolve(first.ip()));
    Files.delete(node.folders.addresses().resolve("pods/last_reserved_ip.0"));
    node.start();

    Answer second = node.container("c2").add(Config.DENIM);

    assertThat(second.ip()).isNotEqualTo(first.ip());
  }

  @Test
  void aStaleVethOfTheSameNameGivesWay() {
    String name = Wiring.hostDevice(container.key());
    node.kernel.execute(
        Links.create(
            Links.Spec.of(
                    name,
                    new LinkKind.VethPair(
                        "stale", MacAddress.local(5), 1500, java.util.Optional.empty()))
                .mac(MacAddress.local(6))));

    Answer added = container.add(Config.DENIM);

    assertThat(added.hostDevice()).isEqualTo(name);
    assertThat(node.kernel.link("stale")).isEmpty();
    container.check(Config.DENIM, added).assertDone();
  }

  @Test
  void afterARebootNothingIsLeftOfTheContainersBefore() {
    List<String> before = node.remains();
    TestContainer other = node.container("c2");
    Answer first = container.add(everything);
    Answer second = other.add(Config.DENIM);
    for (Answer each : List.of(first, second)) {
      node.kernel.execute(Links.delete(node.link(each.hostDevice()).index()));
    }

    node.start();

    assertThat(node.remains()).isEqualTo(before);
    assertThat(node.names(scratch)).isEmpty();
    container.delWithoutNamespace(everything).assertDone();
    assertThat(node.container("c3").add(everything).exitCode()).isZero();
  }

  @Test
  void whatWasAttachedBeforeAnotherStartOfTheMachineIsGone() throws Exception {
    List<String> before = node.remains();
    container.add(everything).assertAdded();
    Path record = node.folders.records().resolve("c1:eth0");
    Files.writeString(
        record, Files.readString(record).replaceAll("\"boot\":\"[^\"]*", "\"boot\":\"before"));

    node.start();

    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void aNodeWhoseFoldersAreGoneWithTheMachinesStartBeginsAnew() throws Exception {
    Answer first = container.add(everything);
    node.kernel.execute(Links.delete(node.link(first.hostDevice()).index()));
    for (Path folder :
        List.of(node.folders.records(), node.folders.addresses().resolve("pods"), scratch)) {
      for (String name : node.names(folder)) {
        Files.delete(folder.resolve(name));
      }
      Files.delete(folder);
    }

    node.start();

    container.delWithoutNamespace(everything).assertDone();
    assertThat(node.container("c2").add(everything).ip()).isEqualTo("10.1.0.2");
  }

  @Test
  void containersOutliveAnAgentAndOnlyThoseThatAreGoneAreFreed() {
    TestContainer other = node.container("c2");
    Answer first = container.add(everything);
    Answer second = other.add(Config.DENIM);
    node.kernel.execute(Links.delete(node.link(second.hostDevice()).index()));

    node.start();

    container.check(everything, first).assertDone();
    assertThat(node.addressFiles("pods")).containsExactly(first.ip());
  }

  @Test
  void aHundredAndFiftyAddsAndDelsAtOnceDisturbNobody() throws Exception {
    List<String> before = node.remains();
    List<TestContainer> all =
        IntStream.range(0, 150).mapToObj(i -> node.container("burst" + i)).toList();

    List<Answer> added = atOnce(all, each -> each.add(Config.DENIM));

    assertThat(added.stream().map(Answer::ip).distinct()).hasSize(150);
    for (int i = 0; i < all.size(); i++) {
      // Nobody listens there, and the container itself says so.
      assertThat(Talk.tcp(node.namespace, added.get(i).ip(), 80)).contains("refused");
    }
    assertThat(atOnce(all, each -> each.del(Config.DENIM)))
        .allSatisfy(answer -> answer.assertDone());
    assertThat(node.remains()).isEqualTo(before);
  }

  @Test
  void portsAndLimitsOfManyAtOnceAreAllThere() throws Exception {
    List<String> before = node.remains();
    List<TestContainer> all =
        IntStream.range(0, 24).mapToObj(i -> node.container("burst" + i)).toList();

    List<Answer> added =
        atOnce(
            all,
            each ->
                each.add(everything.replace("8080", Integer.toString(9000 + all.indexOf(each)))));

    for (int i = 0; i < all.size(); i++) {
      all.get(i).check(everything, added.get(i)).assertDone();
      assertThat(Talk.tcp(node.outside, "192.0.2.1", 9000 + i)).contains("refused");
    }
    atOnce(all, each -> each.del(everything)).forEach(Answer::assertDone);
    assertThat(node.remains()).isEqualTo(before);
    assertThat(node.names(scratch)).isEmpty();
  }

  private interface Call {
    Answer of(TestContainer container);
  }

  /** As many calls at a time as the agent answers. */
  private static List<Answer> atOnce(List<TestContainer> containers, Call call) throws Exception {
    try (ExecutorService workers = Executors.newFixedThreadPool(8)) {
      List<Callable<Answer>> calls =
          containers.stream().map(each -> (Callable<Answer>) () -> call.of(each)).toList();
      List<Answer> answers = new ArrayList<>();
      for (Future<Answer> each : workers.invokeAll(calls)) {
        answers.add(each.get());
      }
      return answers;
    }
  }
}
