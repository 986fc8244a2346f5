package io.denim.runtime;

import io.denim.linux.ns.Namespace;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A machine for runtimes: the network of a lab's node, and mounts and processes of its own (see
 * {@code node.sh}).
 */
final class RuntimeNode implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

  private final Path folder;
  private final Process holder;
  private final long init;

  private RuntimeNode(Path folder, Process holder) {
    this.folder = folder;
    this.holder = holder;
    init = holder.children().findFirst().orElseThrow().pid();
  }

  /**
   * Starts a node.
   *
   * @param network stays the caller's
   * @param folder for what tests and runtimes keep of the node outside of it
   */
  static RuntimeNode start(Namespace network, Path folder) {
    try {
      Files.createDirectories(folder);
      List<String> command =
          List.of(
              "unshare",
              "--mount",
              "--pid",
              "--fork",
              "--kill-child",
              "--mount-proc",
              "--propagation",
              "private",
              "bash",
              "-c",
              script());
      Process holder = network.call(() -> new ProcessBuilder(command).start());
      String said = holder.inputReader().readLine();
      if (!"ready".equals(said)) {
        holder.destroyForcibly();
        throw new IllegalStateException(
            "cannot make a node with mounts and processes of its own: "
                + text(holder.getErrorStream()));
      }
      return new RuntimeNode(folder, holder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start a node", e);
    }
  }

  private static String script() throws IOException {
    try (InputStream script = RuntimeNode.class.getResourceAsStream("node.sh")) {
      if (script == null) {
        throw new IllegalStateException("there is no node.sh beside this class");
      }
      return new String(script.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** A folder that the node and this machine see at the same path. */
  Path folder() {
    return folder;
  }

  /** Where this machine has what the node has at a path. */
  Path at(String path) {
    return Path.of("/proc/" + init + "/root" + path);
  }

  /** The cgroup for all containers of this node; on this machine only this node's has this name. */
  String cgroup() {
    return "/denim-test-" + init;
  }

  /** Starts a program that goes on, its output at the end of a file. */
  Process spawn(Path log, Map<String, String> environment, List<String> command) {
    try {
      ProcessBuilder builder =
          new ProcessBuilder(inside(command))
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .redirectErrorStream(true);
      builder.environment().putAll(environment);
      return new NodeProcess(builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + command, e);
    }
  }

  /** Runs a command on the node to its end, which must be a success; what it printed. */
  String run(String... command) {
    Output output = call(Map.of(), List.of(command));
    if (!output.succeeded()) {
      throw new IllegalStateException(List.of(command) + " failed: " + output);
    }
    return output.out();
  }

  /** Runs a command on the node to its end. */
  Output call(Map<String, String> environment, List<String> command) {
    try {
      ProcessBuilder builder =
          new ProcessBuilder(inside(command)).redirectInput(Path.of("/dev/null").toFile());
      builder.environment().putAll(environment);
      Process process = builder.start();
      var err = new String[] {""};
      Thread reader = Thread.ofVirtual().start(() -> err[0] = text(process.getErrorStream()));
      String out = text(process.getInputStream());
      reader.join(PATIENCE);
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(command + " does not end");
      }
      return new Output(process.exitValue(), out, err[0]);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + command, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while running " + command, e);
    }
  }

  private List<String> inside(List<String> command) {
    List<String> words =
        new ArrayList<>(
            List.of("nsenter", "--target", Long.toString(init), "--mount", "--pid", "--net"));
    words.addAll(command);
    return words;
  }

  private static String text(InputStream stream) {
    try {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends all processes of the node and removes its cgroups. */
  @Override
  public void close() {
    holder.destroyForcibly();
    // The child is the first process of the node; its end is that of all others.
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> ProcessHandle.of(init).filter(ProcessHandle::isAlive).isEmpty());
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .ignoreException(IOException.class)
        .until(this::withoutCgroups);
  }

  /** A cgroup is a folder without files of its own; with one hierarchy or one a controller. */
  private boolean withoutCgroups() throws IOException {
    String name = cgroup().substring(1);
    try (Stream<Path> hierarchies = Files.list(CGROUPS)) {
      for (Path each : Stream.concat(Stream.of(CGROUPS), hierarchies).toList()) {
        Path top = each.resolve(name);
        if (Files.isDirectory(top)) {
          remove(top);
        }
      }
    }
    return true;
  }

  private static void remove(Path top) throws IOException {
    try (Stream<Path> below = Files.walk(top)) {
      for (Path each :
          below.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }
}
