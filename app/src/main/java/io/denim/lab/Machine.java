package io.denim.lab;

import io.denim.linux.ns.Namespace;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A host of a lab for real programs: the network of a member, and mounts and processes of its own,
 * so that every program finds its usual paths ({@code /run}, {@code /etc/cni/net.d}, {@code
 * /opt/cni/bin}, {@code /var/lib/kubelet}) and two machines do not meet (see {@code machine.sh}).
 *
 * <p>Its first process is the machine's life: when it ends, which it does with this JVM at the
 * latest, however that ends, the kernel ends all processes of the machine, and with the last of
 * them go its mounts and what was in them. What is left are control groups, which {@link #close}
 * removes, or the next lab does.
 */
public final class Machine implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** For a command; those that unpack images take their time on a busy host. */
  private static final Duration LONGEST_COMMAND = Duration.ofMinutes(5);

  private final String name;
  private final Path folder;
  private final ProcessStarter starter;
  private final Process holder;
  private final ProcessHandle init;
  private final String cgroup;

  private Machine(String name, Path folder, ProcessStarter starter, Process holder) {
    this.name = name;
    this.folder = folder;
    this.starter = starter;
    this.holder = holder;
    init = holder.children().findFirst().orElseThrow();
    cgroup = Cgroups.name(name + "-" + init.pid());
  }

  /**
   * Starts a machine.
   *
   * @param name also its host name
   * @param network stays the caller's
   * @param folder is seen by the machine at the same path, for what is kept of it outside
   * @param shared a folder around {@code folder} that the machine sees too
   */
  static Machine start(
      String name, Namespace network, Path folder, Path shared, ProcessStarter starter) {
    try {
      Files.createDirectories(folder);
      Launch launch =
          Launch.of(
                  List.of(
                      "unshare",
                      "--mount",
                      "--pid",
                      "--uts",
                      "--fork",
                      "--kill-child",
                      "--mount-proc",
                      "--propagation",
                      "private",
                      "bash",
                      "-c",
                      script(),
                      name,
                      shared.toAbsolutePath().toString()))
              .with(Map.of("PATH", starter.peers().path()));
      Process holder = network.call(() -> starter.start(launch));
      String said = holder.inputReader().readLine();
      if (!"ready".equals(said)) {
        holder.destroyForcibly();
        throw new LabException(
            "cannot make a machine with mounts and processes of its own: "
                + text(holder.getErrorStream()).strip());
      }
      return new Machine(name, folder, starter, holder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start machine " + name, e);
    }
  }

  private static String script() throws IOException {
    try (InputStream script = Machine.class.getResourceAsStream("machine.sh")) {
      if (script == null) {
        throw new LabException("this build has no machine.sh");
      }
      return new String(script.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** A folder that the machine and its host see at the same path. */
  public Path folder() {
    return folder;
  }

  /** The process whose namespaces are the machine's, as its host counts. */
  public long pid() {
    return init.pid();
  }

  /** Where its host has what the machine has at a path. */
  public Path at(String path) {
    return at(init.pid(), path);
  }

  /** The same of the machine of this process. */
  static Path at(long pid, String path) {
    return Path.of("/proc/" + pid + "/root" + path);
  }

  /** The control group for the machine's containers, as a path from the hierarchy's root. */
  public String cgroup() {
    return "/" + cgroup;
  }

  /** Starts a program that goes on, its output at the end of a file. */
  public Process spawn(Path log, Map<String, String> environment, List<String> command) {
    Launch launch = Launch.of(inside(pid(), command)).with(around(environment)).loggingTo(log);
    return new MachineProcess(starter.start(launch));
  }

  /** Runs a command to its end, which must be a success; what it printed. */
  public String run(String... command) {
    return run(Launch.of(List.of(command)));
  }

  /** As above. */
  String run(Launch launch) {
    Output output = call(launch);
    if (!output.succeeded()) {
      throw new LabException(
          launch.command()
              + " failed on "
              + name
              + " with "
              + output.code()
              + ": "
              + (output.err() + output.out()).strip());
    }
    return output.out();
  }

  /** Runs a command to its end. */
  public Output call(Map<String, String> environment, List<String> command) {
    return call(Launch.of(command).with(environment));
  }

  /** As above, reading nothing if it is not said what. */
  Output call(Launch launch) {
    Launch inside =
        new Launch(
            inside(pid(), launch.command()),
            around(launch.environment()),
            launch.input().or(() -> Optional.of(Path.of("/dev/null"))),
            Optional.empty());
    Process process = starter.start(inside);
    Future<String> out = textOf(process.getInputStream());
    Future<String> err = textOf(process.getErrorStream());
    try {
      if (!process.waitFor(LONGEST_COMMAND.toSeconds(), TimeUnit.SECONDS)) {
        throw new TimeoutException();
      }
      // What it has started and left behind may hold them open.
      return new Output(
          process.exitValue(),
          out.get(PATIENCE.toSeconds(), TimeUnit.SECONDS),
          err.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted while running " + launch.command());
    } catch (ExecutionException e) {
      throw new LabException("cannot read what " + launch.command() + " says: " + e.getCause(), e);
    } catch (TimeoutException e) {
      // The nsenter's child is the program.
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      throw new LabException(launch.command() + " does not end on " + name);
    }
  }

  private Map<String, String> around(Map<String, String> environment) {
    Map<String, String> all = new HashMap<>();
    all.put("PATH", starter.peers().path());
    all.put("HOME", "/root");
    all.putAll(environment);
    return all;
  }

  /** A command as it is run on the machine of this process. */
  static List<String> inside(long pid, List<String> command) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "nsenter", "--target", Long.toString(pid), "--mount", "--uts", "--pid", "--net"));
    words.addAll(command);
    return words;
  }

  private static Future<String> textOf(InputStream stream) {
    FutureTask<String> text = new FutureTask<>(() -> text(stream));
    Thread.ofVirtual().start(text);
    return text;
  }

  private static String text(InputStream stream) {
    try {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes the control group, for those who do not make it themselves. */
  void createCgroup() {
    Cgroups.create(cgroup);
  }

  /** Ends all its processes and removes its control groups. */
  @Override
  public void close() {
    // The unshare waits for its child, the machine's first process, and the kernel lets that go
    // only after all others.
    init.destroyForcibly();
    try {
      if (!holder.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new LabException("the processes of machine " + name + " do not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Cgroups.remove(cgroup);
  }
}
