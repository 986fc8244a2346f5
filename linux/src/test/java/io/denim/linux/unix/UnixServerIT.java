package io.denim.linux.unix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.linux.Libc;
import io.denim.linux.LinuxException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixServerIT {
  @TempDir Path directory;

  @Test
  void onlyTheOwnerMayConnect() throws Exception {
    Path path = directory.resolve("made").resolve("socket");

    try (UnixServer server = UnixServer.bind(path)) {
      assertThat(server.path()).isEqualTo(path);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .isEqualTo("rw-------");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path.getParent())))
          .isEqualTo("rwx------");
    }
  }

  @Test
  void theUserOfThePeerIsTold() throws Exception {
    Path path = directory.resolve("socket");
    try (UnixServer server = UnixServer.bind(path);
        var _ = UnixPeer.connect(path);
        UnixConnection connection = server.accept().orElseThrow()) {
      assertThat(connection.peerUid())
          .isEqualTo(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    }
  }

  @Test
  void aSecondServerIsToldOfTheFirst() {
    Path path = directory.resolve("socket");
    try (UnixServer first = UnixServer.bind(path)) {
      assertThatThrownBy(() -> UnixServer.bind(path))
          .isInstanceOf(LinuxException.class)
          .hasMessage("cannot listen: another agent listens on " + path + ": EADDRINUSE");

      // The asking was a connection; the first goes on all the same.
      try (UnixConnection asking = first.accept().orElseThrow()) {
        assertThatThrownBy(() -> asking.receive(1, Duration.ofSeconds(5)))
            .isInstanceOf(FrameException.Gone.class);
      }
    }
  }

  @Test
  void aSocketOfAnotherTypeIsInUse() {
    Path path = directory.resolve("socket");
    int datagrams = 2;
    try (Arena arena = Arena.ofConfined()) {
      var state = new Libc.CallState(arena);
      int fd = bindOnly(arena, state, path, datagrams);

      assertThatThrownBy(() -> UnixServer.bind(path)).hasMessageContaining("EADDRINUSE");

      Libc.close(state, fd);
    }
  }

  @Test
  void aSocketThatADeadServerLeftIsReplaced() {
    Path path = directory.resolve("socket");
    int streams = 1;
    try (Arena arena = Arena.ofConfined()) {
      var state = new Libc.CallState(arena);
      Libc.close(state, bindOnly(arena, state, path, streams));
    }
    assertThat(path).exists();

    try (UnixServer server = UnixServer.bind(path);
        var _ = UnixPeer.connect(path)) {
      server.accept().orElseThrow().close();
    }
  }

  private static int bindOnly(Arena arena, Libc.CallState state, Path path, int type) {
    int fd = Libc.socket(state, 1, type, 0);
    MemorySegment address = arena.allocate(110, 2);
    address.set(ValueLayout.JAVA_SHORT, 0, (short) 1);
    address.setString(2, path.toString());
    assertThat(Libc.bind(state, fd, address)).isZero();
    return fd;
  }

  @Test
  void aFileInTheSocketsPlaceStays() throws Exception {
    Path path = Files.writeString(directory.resolve("socket"), "precious");

    assertThatThrownBy(() -> UnixServer.bind(path))
        .hasMessageContaining("cannot listen on " + path + ": it is no socket");

    assertThat(path).hasContent("precious");
  }

  @Test
  void aPathThatIsTooLongIsRefused() {
    Path path = directory.resolve("s".repeat(108));

    assertThatThrownBy(() -> UnixServer.bind(path))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the path of a socket has at most 107 octets");
  }

  @Test
  void closingWakesWhoWaitsAndTakesTheSocketAway() throws Exception {
    Path path = directory.resolve("socket");
    UnixServer server = UnixServer.bind(path);
    CompletableFuture<Optional<UnixConnection>> accepted = new CompletableFuture<>();
    Thread thread = Thread.ofPlatform().start(() -> accepted.complete(server.accept()));

    server.close();
    server.close();

    assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
    assertThat(accepted.get()).isEmpty();
    assertThat(server.accept()).isEmpty();
    assertThat(path).doesNotExist();
  }

  @Test
  void theSocketOfANewServerOutlivesTheOld() throws Exception {
    Path path = directory.resolve("socket");
    UnixServer old = UnixServer.bind(path);
    Files.delete(path);
    try (UnixServer server = UnixServer.bind(path)) {
      old.close();

      try (var _ = UnixPeer.connect(path)) {
        assertThat(server.accept()).hasValueSatisfying(UnixConnection::close);
      }
    }
  }

  @Test
  void manyMayWaitToBeAccepted() {
    Path path = directory.resolve("socket");
    try (UnixServer server = UnixServer.bind(path)) {
      for (int i = 0; i < 150; i++) {
        // Closed at once, it waits all the same.
        UnixPeer.connect(path).send(new byte[] {0, 0, 0, 1, (byte) i}).close();
      }

      for (int i = 0; i < 150; i++) {
        try (UnixConnection connection = server.accept().orElseThrow()) {
          assertThat(connection.receive(1, Duration.ofSeconds(5)).payload())
              .containsExactly((byte) i);
        }
      }
    }
  }
}
