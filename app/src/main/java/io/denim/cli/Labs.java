package io.denim.cli;

import io.denim.lab.Lab;
import io.denim.lab.LabConfig;
import io.denim.lab.LabState;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/** The labs of this machine and user: each is a process that holds the namespaces, and a folder. */
final class Labs {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration END = Duration.ofSeconds(20);
  private static final Duration LOOK = Duration.ofMillis(50);
  private static final String ENTERED = "DENIM_ENTERED";
  private static final String RUNTIME = "XDG_RUNTIME_DIR";
  private static final List<String> OWN_NAMESPACES =
      List.of("unshare", "-Urnm", "--propagation", "private");

  private final PrintWriter err;

  Labs(PrintWriter err) {
    this.err = err;
  }

  static boolean isRoot() {
    try {
      return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot tell who runs this", e);
    }
  }

  private static Path home() {
    boolean root = isRoot() && System.getenv(ENTERED) == null;
    return root ? Path.of("/run/denim/lab") : Path.of(runtimeFolder(), "denim", "lab");
  }

  /**
   * Where a user's programs keep what lives as long as they do; handed on to those in a user
   * namespace.
   */
  private static String runtimeFolder() {
    String told = System.getenv(RUNTIME);
    return told != null ? told : "/tmp/denim-" + System.getProperty("user.name");
  }

  private static List<Path> folders() throws IOException {
    if (!Files.isDirectory(home())) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(home())) {
      return folders.filter(Files::isDirectory).sorted().toList();
    }
  }

  /** The lab of this name that is up; without a name, the only one. */
  LabState find(Optional<String> name) {
    try {
      List<LabState> states = new ArrayList<>();
      for (Path folder : folders()) {
        LabState.read(folder).ifPresent(states::add);
      }
      return choose(states, name);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look for labs in " + home(), e);
    }
  }

  private static LabState choose(List<LabState> states, Optional<String> name) {
    List<String> names = states.stream().map(LabState::name).toList();
    if (states.isEmpty()) {
      throw CommandException.failure("no lab is up; start one with: denim lab up");
    }
    if (name.isEmpty() && states.size() > 1) {
      throw CommandException.usage("several labs are up: " + names + "; name one with --lab");
    }
    return states.stream()
        .filter(state -> isMeant(state.name(), name))
        .findFirst()
        .orElseThrow(
            () -> CommandException.failure("no lab " + name.orElse("") + " is up; up: " + names));
  }

  /** Holds a lab in this process until it is told to end. */
  void hold(LabConfig config) {
    Path directory = home().resolve(config.name());
    CountDownLatch end = new CountDownLatch(1);
    CountDownLatch gone = new CountDownLatch(1);
    AtomicBoolean up = new AtomicBoolean();
    Thread holder = Thread.currentThread();
    Thread hook =
        new Thread(
            () -> {
              end.countDown();
              if (!up.get()) {
                holder.interrupt();
              }
              try {
                var _ = gone.await(END.toSeconds(), TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "lab-end");
    try {
      refuseASecond(config, directory);
      deleteFolder(directory);
      Files.createDirectories(directory);
      LabState.begin(config.name(), directory);
      Runtime.getRuntime().addShutdownHook(hook);
      try (Lab lab = Lab.start(config, directory, Programs.ofThisJvm(System.getenv()), this::say)) {
        up.set(true);
        lab.state().write();
        say("lab " + config.name() + " is up");
        end.await();
      } finally {
        // Of a lab that did not come up, the logs stay.
        if (end.getCount() == 0) {
          deleteFolder(directory);
        }
        gone.countDown();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep a lab in " + directory, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void refuseASecond(LabConfig config, Path directory) throws IOException {
    if (LabState.readBegun(directory).isPresent()) {
      throw CommandException.failure(
          "lab "
              + config.name()
              + " is up already, or being started; take it down with: denim lab down --lab "
              + config.name());
    }
  }

  private void say(String line) {
    err.println("denim: " + line);
    err.flush();
  }

  private static void deleteFolder(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> all = Files.walk(directory)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(path);
        }
      }
    }
  }

  /** Starts a process that holds the lab, shows its progress, and returns when the lab is up. */
  LabState up(LabConfig config, Optional<Path> file) {
    Path directory = home().resolve(config.name());
    Path log = home().resolve(config.name() + ".log");
    try {
      refuseASecond(config, directory);
      Files.createDirectories(home());
      List<String> words = new ArrayList<>();
      if (!isRoot()) {
        words.addAll(OWN_NAMESPACES);
      }
      words.addAll(Programs.ofThisJvm(System.getenv()).self());
      words.addAll(List.of("lab", "up", "--foreground", "--name=" + config.name()));
      file.ifPresent(path -> words.add(path.toAbsolutePath().toString()));
      ProcessBuilder builder =
          new ProcessBuilder(words)
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(log.toFile())
              .redirectErrorStream(true);
      if (!isRoot()) {
        builder.environment().put(ENTERED, "1");
        builder.environment().put(RUNTIME, runtimeFolder());
      }
      Process process = builder.start();
      Thread hook = new Thread(process::destroy, "lab-up-interrupted");
      Runtime.getRuntime().addShutdownHook(hook);
      LabState state = await(directory, log, process);
      Runtime.getRuntime().removeShutdownHook(hook);
      return state;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start a lab in " + home() + ": " + e.getMessage(), e);
    }
  }

  private LabState await(Path directory, Path log, Process process) throws IOException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    int shown = 0;
    while (System.nanoTime() < end) {
      shown = showLog(log, shown);
      Optional<LabState> state = LabState.read(directory);
      if (state.isPresent()) {
        return state.get();
      }
      try {
        if (process.waitFor(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
          showLog(log, shown);
          throw CommandException.failure(
              "the lab did not come up; its last words are above, all of them in "
                  + log
                  + ", and the logs of its programs below "
                  + directory);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    process.destroy();
    throw CommandException.failure("the lab did not come up in time; see " + log);
  }

  private int showLog(Path log, int shown) throws IOException {
    List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
    lines.stream()
        .skip(shown)
        .filter(line -> line.startsWith("denim: ") || line.startsWith("  "))
        .forEach(err::println);
    err.flush();
    return lines.size();
  }

  /**
   * A user without root enters the lab's user namespace, by running this command again in it; this
   * process then ends with that one's code.
   */
  void enterUserNamespace(LabState state) {
    if (isRoot() || System.getenv(ENTERED) != null) {
      return;
    }
    throw again(
        List.of(
            "nsenter", "--user", "--preserve-credentials", "--target", Long.toString(state.pid())));
  }

  /** As above, with a user namespace that is made for it. */
  void enterNewUserNamespace() {
    if (!isRoot() && System.getenv(ENTERED) == null) {
      throw again(OWN_NAMESPACES);
    }
  }

  private static CommandException again(List<String> inside) {
    List<String> words = new ArrayList<>(inside);
    words.addAll(Programs.ofThisJvm(System.getenv()).self());
    words.addAll(Programs.arguments());
    return CommandException.ended(run(words, Map.of(ENTERED, "1", RUNTIME, runtimeFolder())));
  }

  /** Runs a command on this terminal and gives its exit code. */
  static int run(List<String> words) {
    return run(words, Map.of());
  }

  private static int run(List<String> words, Map<String, String> environment) {
    try {
      ProcessBuilder builder = new ProcessBuilder(words).inheritIO();
      builder.environment().putAll(environment);
      return builder.start().waitFor();
    } catch (IOException e) {
      throw CommandException.failure("cannot run " + words.getFirst() + ": " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 130;
    }
  }

  /**
   * Ends a lab, also one that is being started, or removes what is left of those that were killed.
   */
  String down(Optional<String> name) {
    try {
      List<LabState> live = new ArrayList<>();
      List<Path> dead = new ArrayList<>();
      for (Path folder : folders()) {
        LabState.readBegun(folder).ifPresentOrElse(live::add, () -> dead.add(folder));
      }
      dead.removeIf(folder -> !isMeant(nameOf(folder), name));
      if (dead.isEmpty() || live.stream().anyMatch(state -> isMeant(state.name(), name))) {
        return end(choose(live, name));
      }
      Lab.removeRemains();
      for (Path folder : dead) {
        deleteFolder(folder);
        Files.deleteIfExists(home().resolve(folder.getFileName() + ".log"));
      }
      return String.join(", ", dead.stream().map(Labs::nameOf).toList());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete the files of labs in " + home(), e);
    }
  }

  private static boolean isMeant(String lab, Optional<String> name) {
    return name.isEmpty() || name.get().equals(lab);
  }

  private static String nameOf(Path folder) {
    return String.valueOf(folder.getFileName());
  }

  private static String end(LabState state) throws IOException {
    Optional<ProcessHandle> process = state.process();
    process.ifPresent(ProcessHandle::destroy);
    try {
      if (process.isPresent()) {
        process.get().onExit().get(END.toSeconds(), TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      process.ifPresent(ProcessHandle::destroyForcibly);
    }
    deleteFolder(Path.of(state.directory()));
    Files.deleteIfExists(home().resolve(state.name() + ".log"));
    return state.name();
  }
}
