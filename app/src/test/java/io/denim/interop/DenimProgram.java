package io.denim.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.speaker.PeerState;
import io.denim.fixture.Daemon;
import io.denim.lab.TestPrograms;
import io.denim.linux.ns.Namespace;
import io.denim.router.PeerSummary;
import io.denim.router.RouterClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** {@code denim bgp run} as a process in a namespace. */
final class DenimProgram implements AutoCloseable {
  /** A JVM begins, which on a busy machine takes its time. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Daemon program;
  private final RouterClient router;

  private DenimProgram(Daemon program, RouterClient router) {
    this.program = program;
    this.router = router;
  }

  /**
   * Starts one, or starts it again in the same folder.
   *
   * @param text its file, all but the control socket
   * @param options as {@code --restarted}
   */
  static DenimProgram start(Namespace inside, Path folder, String text, String... options) {
    Path control = folder.resolve("denim.sock");
    Path file = folder.resolve("denim.yaml");
    try {
      Files.writeString(file, text + "control: " + control + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<String> self = TestPrograms.find().self();
    List<String> arguments = new ArrayList<>(self.subList(1, self.size()));
    arguments.addAll(List.of("bgp", "run", file.toString()));
    arguments.addAll(List.of(options));
    Daemon program =
        inside.call(
            () -> Daemon.start(folder.resolve("denim.log"), Path.of(self.getFirst()), arguments));
    return new DenimProgram(program, new RouterClient(control));
  }

  Daemon program() {
    return program;
  }

  RouterClient router() {
    return router;
  }

  /** Waits until the sessions with all its peers are up. */
  void awaitUp() {
    Awaitility.await("up")
        .atMost(PATIENCE)
        .ignoreExceptions()
        .untilAsserted(() ->
            assertThat(router.peers())
                .as(program::lastWords)
                .extracting(PeerSummary::state)
                .isNotEmpty()
                .containsOnly(PeerState.ESTABLISHED.toString()));
  }

  /** Kills it, as a power failure does. */
  @Override
  public void close() {
    program.close();
  }
}
