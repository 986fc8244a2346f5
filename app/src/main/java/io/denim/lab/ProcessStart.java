package io.denim.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * When a process was started, which tells it from later ones of its number; in the kernel's own
 * count since it was booted, which no change of the clock moves (proc_pid_stat(5), starttime).
 */
final class ProcessStart {
  private static final int STATE = 0;
  private static final int STARTTIME = 19;

  private ProcessStart() {}

  /** Of this process. */
  static long own() {
    return of(ProcessHandle.current().pid())
        .orElseThrow(() -> new LabException("cannot read /proc/self/stat; is /proc mounted?"));
  }

  /** Of the process of this number; empty when there is none or it has ended. */
  static OptionalLong of(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      // The name before may hold blanks and parentheses.
      List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
      boolean ended = fields.get(STATE).equals("Z") || fields.get(STATE).equals("X");
      return ended ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(fields.get(STARTTIME)));
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /** Whether the process of this number lives that was started then. */
  static boolean lives(long pid, long start) {
    OptionalLong found = of(pid);
    return found.isPresent() && found.getAsLong() == start;
  }
}
