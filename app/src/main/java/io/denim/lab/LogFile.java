package io.denim.lab;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The end of a program's log, for the message that says why a lab does not come up. */
final class LogFile {
  private static final int LINES = 5;
  private static final int LENGTH = 400;

  private LogFile() {}

  /** Where it is and how it ends. */
  static String told(Path log) {
    try {
      List<String> lines =
          new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
      StringBuilder end = new StringBuilder();
      for (String line : lines.subList(Math.max(0, lines.size() - LINES), lines.size())) {
        end.append("\n  ").append(line.length() <= LENGTH ? line : line.substring(0, LENGTH));
      }
      return "its log is " + log + (end.isEmpty() ? ", and empty" : ", and ends with:" + end);
    } catch (IOException e) {
      return "its log, " + log + ", cannot be read: " + e.getMessage();
    }
  }
}
