package io.denim.router;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who listens at a TCP port of this network namespace, by proc_pid_net(5). */
final class PortHolder {
  private static final Logger LOG = LoggerFactory.getLogger(PortHolder.class);
  private static final Path PROC = Path.of("/proc");
  private static final String LISTENING = "0A";
  private static final int LOCAL = 1;
  private static final int STATE = 3;
  private static final int INODE = 9;

  private PortHolder() {}

  /** Such as {@code bird (process 812)}; empty when that cannot be seen. */
  static Optional<String> of(int port) {
    Set<String> sockets = new HashSet<>();
    for (String table : List.of("tcp", "tcp6")) {
      try {
        Files.readAllLines(PROC.resolve("thread-self/net").resolve(table)).stream()
            .flatMap(line -> listener(line, port).stream())
            .forEach(inode -> sockets.add("socket:[" + inode + "]"));
      } catch (IOException e) {
        LOG.debug("a kernel without IPv6 has no tcp6", e);
      }
    }
    return sockets.isEmpty() ? Optional.empty() : process(sockets);
  }

  /** The inode of a line's socket when it listens at the port. */
  static Optional<String> listener(String line, int port) {
    String[] words = line.strip().split("\\s+");
    String end = ":" + String.format(Locale.ROOT, "%04X", port);
    return words.length > INODE && words[STATE].equals(LISTENING) && words[LOCAL].endsWith(end)
        ? Optional.of(words[INODE])
        : Optional.empty();
  }

  private static Optional<String> process(Set<String> sockets) {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        if (holdsOne(process, sockets)) {
          return Optional.of(
              Files.readString(process.resolve("comm")).strip()
                  + " (process "
                  + process.getFileName()
                  + ")");
        }
      }
    } catch (IOException e) {
      // It ended meanwhile.
      return Optional.empty();
    }
    return Optional.empty();
  }

  private static boolean holdsOne(Path process, Set<String> sockets) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path file : files) {
        if (sockets.contains(Files.readSymbolicLink(file).toString())) {
          return true;
        }
      }
    } catch (IOException e) {
      // Another user's, or it ended meanwhile.
      return false;
    }
    return false;
  }
}
