package io.denim.faults;

import io.denim.lab.Launch;
import io.denim.lab.Peers;
import io.denim.lab.ProcessStarter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Starts programs as another does, but the agent of one node with a clock that can be stepped. */
final class SteppedClock implements ProcessStarter {
  private static final String LIBRARY = "faketime/libfaketimeMT.so.1";

  private final ProcessStarter starter;
  private final String node;
  private final Path file;
  private final Path library;

  /** The clock is right at first; {@code folder} is for the file by which it is stepped. */
  SteppedClock(ProcessStarter starter, String node, Path folder) {
    this.starter = starter;
    this.node = node;
    this.file = folder.resolve("clock");
    this.library = library();
    step(Duration.ZERO);
  }

  private static Path library() {
    try (Stream<Path> folders = Files.list(Path.of("/usr/lib"))) {
      return folders
          .map(folder -> folder.resolve(LIBRARY))
          .filter(Files::exists)
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("this test needs Debian's faketime"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sets the node's clock so far from the right time. */
  void step(Duration ahead) {
    try {
      Path next = file.resolveSibling("clock.new");
      Files.writeString(next, String.format("%+d\n", ahead.toSeconds()));
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Process start(Launch launch) {
    if (!launch.command().contains("--node-name=" + node)) {
      return starter.start(launch);
    }
    List<String> words =
        new ArrayList<>(
            List.of(
                "env",
                "LD_PRELOAD=" + library,
                "FAKETIME_TIMESTAMP_FILE=" + file,
                "FAKETIME_CACHE_DURATION=1",
                "FAKETIME_DONT_FAKE_MONOTONIC=1",
                "DONT_FAKE_MONOTONIC=1",
                "NO_FAKE_STAT=1"));
    words.addAll(launch.command());
    return starter.start(new Launch(words, launch.environment(), launch.input(), launch.log()));
  }

  @Override
  public List<String> agent() {
    return starter.agent();
  }

  @Override
  public Peers peers() {
    return starter.peers();
  }
}
