package io.denim.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfFolderIT {
  @TempDir Path directory;

  private ConfFolder folder;

  @BeforeEach
  void made() throws IOException {
    folder = new ConfFolder(directory.resolve("etc/cni/net.d"));
    folder.make();
  }

  @Test
  void filesAreThoseThatRuntimesReadInTheOrderOfTheirOctets() throws IOException {
    for (String name :
        List.of(
            "a.conf",
            "B.json",
            "10-x.conflist",
            "05-denim.conflist",
            "00-multus.conf",
            "\u00e9.conf",
            "\ud83d\ude00.conf",
            "\uff5e.conf",
            "readme.txt",
            "x.conf.bak",
            ".tmp")) {
      Files.createFile(folder.path().resolve(name));
    }
    Files.createDirectory(folder.path().resolve("denim.conf"));
    assertThat(folder.files())
        .containsExactly(
            "00-multus.conf",
            "05-denim.conflist",
            "10-x.conflist",
            "B.json",
            "a.conf",
            "\u00e9.conf",
            "\uff5e.conf",
            "\ud83d\ude00.conf");
  }

  @Test
  void runtimesAreToldByTheEndOfADotFileAfterTheFileIsThere() throws Exception {
    List<String> events = new ArrayList<>();
    try (WatchService service = folder.path().getFileSystem().newWatchService()) {
      folder
          .path()
          .register(
              service, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE);
      folder.put(Conflist.FILE, Conflist.content());
      while (events.stream().noneMatch(each -> each.equals("ENTRY_DELETE .denim-reload"))) {
        WatchKey key = service.poll(5, TimeUnit.SECONDS);
        assertThat(key).as(events::toString).isNotNull();
        for (WatchEvent<?> event : key.pollEvents()) {
          events.add(event.kind() + " " + event.context());
        }
        key.reset();
      }
    }
    assertThat(events)
        .containsSubsequence(
            "ENTRY_CREATE .05-denim.conflist.tmp",
            "ENTRY_CREATE 05-denim.conflist",
            "ENTRY_DELETE .denim-reload");
    try (var left = Files.list(folder.path())) {
      assertThat(left).containsExactly(folder.path().resolve(Conflist.FILE));
    }
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.path().resolve(Conflist.FILE))))
        .isEqualTo("rw-r--r--");
  }

  @Test
  void whatAKilledWriterLeftIsNoHindrance() throws IOException {
    Files.writeString(folder.path().resolve(".05-denim.conflist.tmp"), "{ \"cni");
    Files.writeString(folder.path().resolve(".denim-reload"), "");
    assertThat(folder.files()).isEmpty();
    folder.put(Conflist.FILE, Conflist.content());
    assertThat(folder.holds(Conflist.FILE, Conflist.content())).isTrue();
  }

  @Test
  void aReaderNeverSeesPartOfAFile() throws Exception {
    byte[] shorter = Conflist.content();
    byte[] longer = Arrays.copyOf(shorter, 100_000);
    Arrays.fill(longer, (byte) ' ');
    Set<String> seen = ConcurrentHashMap.newKeySet();
    AtomicBoolean end = new AtomicBoolean();
    folder.put(Conflist.FILE, shorter);
    Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              while (!end.get()) {
                try {
                  for (String name : folder.files()) {
                    byte[] content = folder.read(name);
                    seen.add(
                        name
                            + " "
                            + content.length
                            + " "
                            + HexFormat.of().formatHex(content, 0, 2));
                  }
                } catch (IOException e) {
                  seen.add(e.toString());
                }
              }
            });
    for (int i = 0; i < 100; i++) {
      folder.put(Conflist.FILE, i % 2 == 0 ? longer : shorter);
    }
    Awaitility.await().until(() -> seen.size() >= 2);
    end.set(true);
    reader.join();
    assertThat(seen)
        .containsExactlyInAnyOrder(
            "05-denim.conflist " + shorter.length + " 7b0a",
            "05-denim.conflist " + longer.length + " 2020");
  }

  @Test
  void aFileLongerThanAMebibyteIsRefused() throws IOException {
    Files.write(folder.path().resolve("a.conf"), new byte[(1 << 20) + 1]);
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> folder.read("a.conf"))
        .hasMessage("longer than 1048576 octets");
  }
}
