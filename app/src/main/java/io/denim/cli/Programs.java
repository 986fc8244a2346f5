package io.denim.cli;

import io.denim.lab.LabException;
import io.denim.lab.Launch;
import io.denim.lab.Peers;
import io.denim.lab.ProcessStarter;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Starts the programs of labs: this one again, and its peers.
 *
 * @param self the command that runs this program, up to its main class
 * @param peersFolder the folder of the programs that Denim runs beneath and beside; empty when
 *     nobody said where it is
 */
public record Programs(List<String> self, Optional<Path> peersFolder) implements ProcessStarter {
  /** The variable that names the folder of the peers; {@code ./denim} sets it. */
  public static final String PEERS = "DENIM_PEERS";

  private static final String MAIN = "io.denim.cli.Main";

  /** An agent's, as tools/run.sh has them: the lab's own are for more than an agent does. */
  private static final List<String> AGENT_FLAGS =
      List.of("-Xms8m", "-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:CompileThresholdScaling=0.05");

  /** Copies the list. */
  public Programs {
    self = List.copyOf(self);
  }

  /** As this JVM was started. */
  static Programs ofThisJvm(Map<String, String> environment) {
    return new Programs(thisJvm(), Optional.ofNullable(environment.get(PEERS)).map(Path::of));
  }

  private static List<String> thisJvm() {
    List<String> words = commandLine();
    return words.subList(0, words.indexOf(MAIN) + 1);
  }

  /** The words after this program's main class. */
  static List<String> arguments() {
    List<String> words = commandLine();
    return words.subList(words.indexOf(MAIN) + 1, words.size());
  }

  /** This JVM's command line; {@link ProcessHandle} gives no more than its first page. */
  private static List<String> commandLine() {
    try {
      String text = Files.readString(Path.of("/proc/self/cmdline"));
      List<String> words = List.of(text.split("\0"));
      if (words.contains(MAIN)) {
        String program = ProcessHandle.current().info().command().orElse(words.getFirst());
        return Stream.concat(Stream.of(program), words.stream().skip(1)).toList();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot tell how this program was started", e);
    }
    throw CommandException.failure("cannot tell how this program was started; use ./denim");
  }

  @Override
  public List<String> agent() {
    List<String> words = new ArrayList<>(self);
    // Of a flag that is given twice the JVM takes the later one, and no flag after the class.
    words.addAll(words.size() - 1, AGENT_FLAGS);
    words.add("agent");
    return words;
  }

  @Override
  public Peers peers() {
    return new Peers(
        peersFolder.orElseThrow(() ->
            new LabException(
                "this needs the programs that ./denim peers builds, and nothing says where they"
                    + " are; use ./denim of a checkout, or set "
                    + PEERS)));
  }

  @Override
  public Process start(Launch launch) {
    ProcessBuilder builder = new ProcessBuilder(launch.command());
    if (!launch.environment().isEmpty()) {
      builder.environment().clear();
      builder.environment().putAll(launch.environment());
    }
    launch.input().map(Path::toFile).ifPresent(builder::redirectInput);
    launch
        .log()
        .ifPresent(log -> {
          File file = log.toFile();
          builder.redirectOutput(Redirect.appendTo(file)).redirectErrorStream(true);
        });
    try {
      return builder.start();
    } catch (IOException e) {
      throw new LabException(
          "cannot start " + launch.command().getFirst() + ": " + e.getMessage(), e);
    }
  }
}
