package io.denim.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.install.ConflistKeeper.Pace;
import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchService;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConflistKeeperIT {
  /** Without any hint nothing is looked at within a test. */
  private static final Pace BY_HINTS =
      new Pace(
          Duration.ofMinutes(1),
          Duration.ofMillis(50),
          Duration.ofMillis(20),
          Duration.ofMillis(500),
          Duration.ofMinutes(10));

  private static final Pace OFTEN =
      new Pace(
          Duration.ofMillis(50),
          Duration.ofMillis(50),
          Duration.ofMillis(20),
          Duration.ofMillis(500),
          Duration.ofMinutes(10));

  private static final byte[] SHIM = "denim-cni".getBytes(StandardCharsets.UTF_8);

  @TempDir Path directory;

  private final Namespace node = Namespace.create();
  private Optional<ConflistKeeper> keeper = Optional.empty();

  @AfterEach
  void gone() {
    keeper.ifPresent(ConflistKeeper::close);
    node.close();
  }

  private ConflistKeeper start(Pace pace) {
    return start(pace, Optional.of(conf()), Optional.of(directory.resolve("bin")));
  }

  private ConflistKeeper start(Pace pace, Optional<Path> conf, Optional<Path> bin) {
    ConflistKeeper started =
        ConflistKeeper.start(
            new CniFolders(conf, bin, directory.resolve("networks")),
            () -> SHIM,
            node,
            List.of(Cidr.parse("10.244.0.0/16")),
            InstantSource.system(),
            pace);
    keeper = Optional.of(started);
    return started;
  }

  private Path conf() {
    return directory.resolve("net.d");
  }

  private Path conflist() {
    return conf().resolve(Conflist.FILE);
  }

  private void write(String name, String content) throws IOException {
    Files.createDirectories(conf());
    Files.writeString(conf().resolve(name), content);
  }

  private boolean isRight() {
    return new ConfFolder(conf()).holds(Conflist.FILE, Conflist.content());
  }

  private void awaitRight() {
    Awaitility.await().pollInterval(Duration.ofMillis(5)).until(this::isRight);
  }

  private static void deleteTree(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  @Test
  void whenItHasStartedAllIsInstalledAndAllStaysWhenItIsClosed() {
    ConflistKeeper started = start(BY_HINTS);
    assertThat(conflist()).hasBinaryContent(Conflist.content());
    assertThat(directory.resolve("bin/denim-cni")).hasBinaryContent(SHIM).isExecutable();
    assertThat(started.problems()).isEmpty();
    started.close();
    assertThat(isRight()).isTrue();
    assertThat(directory.resolve("bin/loopback")).exists();
  }

  @Test
  void withoutFoldersNothingIsDone() throws IOException {
    start(OFTEN, Optional.empty(), Optional.empty());
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void onlyTheBinariesOrOnlyTheConflistCanBeInstalled() {
    start(BY_HINTS, Optional.empty(), Optional.of(directory.resolve("bin"))).close();
    assertThat(directory.resolve("bin/denim-cni")).exists();
    assertThat(conf()).doesNotExist();
    start(BY_HINTS, Optional.of(conf()), Optional.empty());
    assertThat(isRight()).isTrue();
  }

  @Test
  void whatSomebodyDeletesOrChangesIsRestored() throws IOException {
    ConflistKeeper started = start(BY_HINTS);
    Files.delete(conflist());
    awaitRight();
    Files.writeString(conflist(), "{}");
    awaitRight();
    write("other", "x");
    Files.move(conf().resolve("other"), conflist(), StandardCopyOption.ATOMIC_MOVE);
    awaitRight();
    assertThat(Files.isSymbolicLink(conflist())).isFalse();
    assertThat(started.problems()).noneMatch(each -> each.contains("cannot"));
  }

  @Test
  void theFolderIsMadeAgainAndWatchedAgain() throws IOException {
    start(BY_HINTS);
    // As long as the keeper is quicker than the deletion, the folder is not empty.
    Awaitility.await()
        .pollInterval(Duration.ofMillis(1))
        .ignoreExceptionsMatching(
            e -> e instanceof IOException || e instanceof UncheckedIOException)
        .until(() -> {
          deleteTree(conf());
          return true;
        });
    awaitRight();
    Files.delete(conflist());
    awaitRight();
  }

  @Test
  void aFolderThatWasMovedAwayIsNoticedByLooking() throws IOException {
    start(OFTEN);
    Files.move(conf(), directory.resolve("moved"));
    awaitRight();
    assertThat(directory.resolve("moved").resolve(Conflist.FILE)).exists();
  }

  @Test
  void itDoesNotFightWithItself() throws IOException {
    start(OFTEN);
    Object before = Files.getAttribute(conflist(), "unix:ino");
    Awaitility.await()
        .during(Duration.ofMillis(400))
        .until(() -> Files.getAttribute(conflist(), "unix:ino").equals(before));
  }

  @Test
  void whoKeepsDeletingItIsMetLessAndLessOftenAndTold() throws IOException {
    ConflistKeeper started = start(BY_HINTS);
    long end = System.nanoTime() + Duration.ofSeconds(2).toNanos();
    int deleted = 0;
    while (System.nanoTime() < end) {
      if (Files.deleteIfExists(conflist())) {
        deleted++;
      }
      Thread.onSpinWait();
    }
    // Pauses of 0, 20, 40, 80, 160, 320, 500, 500 ms.
    assertThat(deleted).isBetween(4, 12);
    assertThat(started.problems())
        .singleElement()
        .asString()
        .startsWith(conflist() + " is changed or deleted again and again by somebody else");
    awaitRight();
  }

  @Test
  void withoutThePluginTheConflistIsNotWritten() throws IOException {
    Files.writeString(directory.resolve("bin"), "in the way");
    ConflistKeeper started = start(OFTEN);
    assertThat(conflist()).doesNotExist();
    assertThat(started.problems())
        .anySatisfy(each -> assertThat(each).startsWith("cannot make the folder"))
        .anySatisfy(each -> assertThat(each).contains("is not written as long as its plugin"));
    Files.delete(directory.resolve("bin"));
    awaitRight();
    Awaitility.await().until(() -> started.problems().isEmpty());
  }

  @Test
  void aFolderThatCannotBeMadeIsToldAndTriedAgain() throws IOException {
    Files.writeString(conf(), "in the way");
    ConflistKeeper started = start(OFTEN);
    assertThat(started.problems())
        .singleElement()
        .asString()
        .isEqualTo(
            "cannot keep 05-denim.conflist in " + conf() + ": something else is in its place");
    Files.delete(conf());
    awaitRight();
  }

  @Test
  void kubeaszsBootstrapGoesAfterDenimsIsThere() throws Exception {
    write("10-default.conf", ConfFileTest.BOOTSTRAP);
    List<String> events = new ArrayList<>();
    try (WatchService service = conf().getFileSystem().newWatchService()) {
      conf()
          .register(
              service, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE);
      start(BY_HINTS);
      while (!events.contains("ENTRY_DELETE 10-default.conf")) {
        var key = service.poll(5, TimeUnit.SECONDS);
        assertThat(key).as(events::toString).isNotNull();
        for (WatchEvent<?> event : key.pollEvents()) {
          events.add(event.kind() + " " + event.context());
        }
        key.reset();
      }
    }
    assertThat(events)
        .containsSubsequence("ENTRY_CREATE 05-denim.conflist", "ENTRY_DELETE 10-default.conf");
  }

  @Test
  void aBootstrapThatComesBackGoesAgain() throws IOException {
    start(BY_HINTS);
    write("new", ConfFileTest.BOOTSTRAP);
    Files.move(conf().resolve("new"), conf().resolve("10-default.conf"));
    Awaitility.await().until(() -> Files.notExists(conf().resolve("10-default.conf")));
  }

  @Test
  void aChangedBootstrapStays() throws IOException {
    write("10-default.conf", ConfFileTest.BOOTSTRAP.replace("mynet0", "br0"));
    assertThat(start(BY_HINTS).problems()).isEmpty();
    assertThat(conf().resolve("10-default.conf")).exists();
  }

  @Test
  void whatContainerdMadeOfItsTemplateGoesIfNoRuntimeCanUseIt() throws IOException {
    write("10-containerd-net.conflist", ConfFileTest.BOOTSTRAP);
    start(BY_HINTS).close();
    assertThat(conf().resolve("10-containerd-net.conflist")).doesNotExist();
    write("10-containerd-net.conflist", "{\"name\":\"n\",\"plugins\":[{\"type\":\"bridge\"}]}");
    start(BY_HINTS);
    assertThat(conf().resolve("10-containerd-net.conflist")).exists();
  }

  @Test
  void aRivalIsToldAsLongAsItIsThere() throws IOException {
    write("00-multus.conf", "{\"name\":\"m\",\"type\":\"multus\"}");
    write("04-other.conflist", "{\"name\":\"other\",\"plugins\":[{\"type\":\"bridge\"}]}");
    ConflistKeeper started = start(BY_HINTS);
    assertThat(started.problems())
        .singleElement()
        .asString()
        .contains("04-other.conflist", "\"other\"");
    Files.delete(conf().resolve("04-other.conflist"));
    Awaitility.await().until(() -> started.problems().isEmpty());
    write("04-other.conflist", "{");
    Awaitility.await()
        .untilAsserted(() ->
            assertThat(started.problems())
                .singleElement()
                .asString()
                .contains("04-other.conflist is no JSON", "containerd loads no network"));
  }
}
