package io.denim.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The control groups of machines: folders in the machine's one hierarchy (version 2) or one for
 * each controller (version 1), which outlive the processes in them and everything else of a lab.
 * Their names tell the process that made them and when it was started, so that what a killed one
 * left is known for what it is, by whoever comes next.
 *
 * <p>Linux: Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst.
 */
final class Cgroups {
  private static final Path ROOT = Path.of("/sys/fs/cgroup");
  private static final Pattern NAME = Pattern.compile("denim-(\\d{1,18})-(\\d{1,18})-.*");
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private Cgroups() {}

  /** A name for a control group of this process. */
  static String name(String suffix) {
    return "denim-" + ProcessHandle.current().pid() + "-" + ProcessStart.own() + "-" + suffix;
  }

  /** Makes a control group of this name in every hierarchy, with what its children need. */
  static void create(String name) {
    try {
      for (Path hierarchy : hierarchies()) {
        // A child may use a controller only if its parents hand it on, and a set of processors only
        // if theirs is not empty.
        handOn(hierarchy);
        Path group = Files.createDirectories(hierarchy.resolve(name));
        handOn(group);
        for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
          Path own = group.resolve(file);
          if (Files.exists(own) && Files.exists(hierarchy.resolve(file))) {
            Files.write(own, Files.readAllBytes(hierarchy.resolve(file)));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the control group " + name + " in " + ROOT, e);
    }
  }

  private static void handOn(Path group) throws IOException {
    Path available = group.resolve("cgroup.controllers");
    if (Files.exists(available)) {
      for (String controller : Files.readString(available).strip().split(" ")) {
        if (!controller.isEmpty()) {
          tryHandOn(group, controller);
        }
      }
    }
  }

  private static void tryHandOn(Path group, String controller) {
    try {
      Files.writeString(group.resolve("cgroup.subtree_control"), "+" + controller);
    } catch (IOException e) {
      // Not every controller can be, and the kubelet names those that it misses.
    }
  }

  /** Removes the control groups of this name, whose processes are ending. */
  static void remove(String name) {
    if (!Waiting.until(PATIENCE, () -> tryRemove(name))) {
      throw new LabException("the control group " + name + " in " + ROOT + " is still in use");
    }
  }

  /** Removes what processes left that were killed. */
  static void removeOrphans() {
    try {
      for (Path hierarchy : hierarchies()) {
        for (Path each : children(hierarchy)) {
          String name = each.getFileName().toString();
          if (isOrphan(name)) {
            tryRemove(name);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look for control groups in " + ROOT, e);
    }
  }

  private static boolean isOrphan(String name) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      return false;
    }
    return !ProcessStart.lives(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)));
  }

  private static boolean tryRemove(String name) {
    try {
      for (Path hierarchy : hierarchies()) {
        Path top = hierarchy.resolve(name);
        if (Files.isDirectory(top)) {
          remove(top);
        }
      }
      return true;
    } catch (IOException | UncheckedIOException e) {
      // Of a process that has not ended yet, or of a group that went away meanwhile.
      return false;
    }
  }

  private static void remove(Path top) throws IOException {
    try (Stream<Path> below = Files.walk(top)) {
      for (Path each :
          below.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  private static List<Path> hierarchies() throws IOException {
    if (Files.exists(ROOT.resolve("cgroup.controllers"))) {
      return List.of(ROOT);
    }
    List<Path> found = new ArrayList<>();
    for (Path each : children(ROOT)) {
      // Several names of one hierarchy are links.
      if (!Files.isSymbolicLink(each) && Files.exists(each.resolve("cgroup.procs"))) {
        found.add(each);
      }
    }
    return found;
  }

  private static List<Path> children(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(Files::isDirectory).sorted().toList();
    }
  }
}
