package io.denim.router;

import java.util.Comparator;

/**
 * One thing that is wrong with a router's file. Ordered by line.
 *
 * @param line where it stands, from 1 on
 * @param path the field, as keys and places from the top: {@code peers[2].hold-time}; empty for the
 *     whole
 * @param message what is wrong with which value
 * @param allowed what may stand there; empty when the message says so
 */
public record RouterProblem(int line, String path, String message, String allowed)
    implements Comparable<RouterProblem> {
  private static final Comparator<RouterProblem> ORDER =
      Comparator.comparingInt(RouterProblem::line)
          .thenComparing(RouterProblem::path)
          .thenComparing(RouterProblem::message)
          .thenComparing(RouterProblem::allowed);

  @Override
  public int compareTo(RouterProblem other) {
    return ORDER.compare(this, other);
  }

  /** {@code line 3: peers[2].hold-time: what is wrong; allowed: what may stand there}. */
  @Override
  public String toString() {
    return "line "
        + line
        + ": "
        + (path.isEmpty() ? "" : path + ": ")
        + message
        + (allowed.isEmpty() ? "" : "; allowed: " + allowed);
  }
}
