package io.denim.store.kubernetes;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A program of {@code tools/peers} that runs until it is closed, or until this JVM is gone. */
final class Daemon implements AutoCloseable {
  /** Starts a program, tells its number, and kills it when standard input ends. */
  private static final String HOLD =
      "\"$@\" </dev/null >>\"$LOG\" 2>&1 & echo $!; cat >/dev/null; kill -9 $!";

  private final Path log;
  private final Process holder;
  private final ProcessHandle program;

  private Daemon(Path log, Process holder, ProcessHandle program) {
    this.log = log;
    this.holder = holder;
    this.program = program;
  }

  static Daemon start(Path log, Path program, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("sh", "-c", HOLD, "sh", program.toString()));
    command.addAll(arguments);
    try {
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().put("LOG", log.toString());
      Process holder = builder.start();
      String number =
          new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8))
              .readLine();
      return new Daemon(log, holder, ProcessHandle.of(Long.parseLong(number)).orElseThrow());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The program of this name. */
  static Path peer(String name) {
    Path script = Path.of("..", "tools", "peers").toAbsolutePath().normalize();
    try {
      Process asked = new ProcessBuilder(script.toString(), "path").start();
      var text = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Path program = Path.of(text.strip(), name);
      if (!Files.isExecutable(program)) {
        throw new IllegalStateException(
            "this test needs the program " + program + "; build it with tools/peers");
      }
      return program;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + script, e);
    }
  }

  boolean isAlive() {
    return program.isAlive();
  }

  /** The end of what it said. */
  String lastWords() {
    try {
      List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Stops it where it stands, as a machine does that is overloaded or cut off. */
  void freeze() {
    signal("STOP");
  }

  /** Lets it go on. */
  void thaw() {
    signal("CONT");
  }

  private void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(program.pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Kills it, as a power failure does. */
  @Override
  public void close() {
    try {
      holder.getOutputStream().close();
      program.onExit().get(10, TimeUnit.SECONDS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("a program does not end", e);
    }
  }
}
