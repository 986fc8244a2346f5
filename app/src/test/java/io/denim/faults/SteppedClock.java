package io.denim.faults;

import io.denim.lab.Launch;
import io.denim.lab.Peers;
import io.denim.lab.ProcessStarter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Starts programs as another does, but the agent of one node with a clock that can be stepped. */
final class SteppedClock implements ProcessStarter {
  private static final Path SOURCE = Path.of("src", "test", "c", "stepped-clock.c");

  private final ProcessStarter starter;
  private final String node;
  private final Path file;
  private final Path library;

  /** The clock is right at first; {@code folder} is for what steps it. */
  SteppedClock(ProcessStarter starter, String node, Path folder) {
    this.starter = starter;
    this.node = node;
    this.file = folder.resolve("clock");
    this.library = folder.resolve("stepped-clock.so");
    compile();
    step(Duration.ZERO);
  }

  private void compile() {
    List<String> command =
        List.of("gcc", "-O", "-shared", "-fPIC", "-o", library.toString(), SOURCE.toString());
    try {
      int code = new ProcessBuilder(command).inheritIO().start().waitFor();
      if (code != 0) {
        throw new IllegalStateException(command + " ended with " + code);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("this test needs gcc", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sets the node's clock so far from the right time, at once. */
  void step(Duration ahead) {
    try (FileChannel clock =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ByteBuffer seconds = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
      clock.write(seconds.putLong(0, ahead.toSeconds()), 0);
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
        new ArrayList<>(List.of("env", "LD_PRELOAD=" + library, "STEPPED_CLOCK=" + file));
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
