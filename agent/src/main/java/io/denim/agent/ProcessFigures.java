package io.denim.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What this process takes of the machine. Taken from /proc where that has it (proc(5)), since each
 * kind of MXBean costs a megabyte of classes.
 *
 * @param residentBytes memory that is really there
 * @param heapUsedBytes of the Java heap
 * @param heapMaxBytes what the heap may grow to
 * @param threads platform threads, those of the JVM itself among them
 * @param cpuSeconds time on a CPU
 * @param openFiles open descriptors
 * @param collectionSeconds time of garbage collections, by collector
 */
record ProcessFigures(
    long residentBytes,
    long heapUsedBytes,
    long heapMaxBytes,
    long threads,
    double cpuSeconds,
    long openFiles,
    Map<String, Double> collectionSeconds) {
  private static final Path PROC = Path.of("/proc/self");

  /** USER_HZ of every architecture that Denim runs on (asm-generic/param.h). */
  private static final double TICKS_A_SECOND = 100;

  /**
   * Of the fields of /proc/pid/stat behind the command's name, of which the first is number 3
   * there.
   */
  private static final int UTIME = 14 - 3;

  private static final int STIME = 15 - 3;
  private static final double MILLIS = 1e3;

  /** As it is now. */
  static ProcessFigures read() {
    Runtime runtime = Runtime.getRuntime();
    try {
      String status = Files.readString(PROC.resolve("status"));
      return new ProcessFigures(
          field(status, "VmRSS:") * 1024,
          runtime.totalMemory() - runtime.freeMemory(),
          runtime.maxMemory(),
          field(status, "Threads:"),
          cpuSeconds(Files.readString(PROC.resolve("stat"))),
          countOpenFiles(),
          collections());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read this process's figures from " + PROC, e);
    }
  }

  /** The number of a line such as {@code VmRSS: 37608 kB}; 0 when there is none. */
  static long field(String status, String name) {
    return status
        .lines()
        .filter(line -> line.startsWith(name))
        .map(line -> line.replaceAll("[^0-9]", ""))
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElse(0);
  }

  /** The name of the command is in parentheses and may contain anything. */
  static double cpuSeconds(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME])) / TICKS_A_SECOND;
  }

  private static long countOpenFiles() throws IOException {
    try (Stream<Path> files = Files.list(PROC.resolve("fd"))) {
      // The one that lists them is among them.
      return files.count() - 1;
    }
  }

  private static Map<String, Double> collections() {
    Map<String, Double> seconds = new TreeMap<>();
    for (GarbageCollectorMXBean each : ManagementFactory.getGarbageCollectorMXBeans()) {
      seconds.put(each.getName(), Math.max(0, each.getCollectionTime()) / MILLIS);
    }
    return seconds;
  }
}
