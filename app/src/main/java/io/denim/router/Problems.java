package io.denim.router;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/** What has been found wrong so far; the same thing counts once, however often it is met. */
final class Problems {
  private final Set<RouterProblem> found = new LinkedHashSet<>();

  void add(int line, String path, String message, String allowed) {
    found.add(new RouterProblem(line, path, message, allowed));
  }

  Collection<RouterProblem> found() {
    return found;
  }

  boolean isEmpty() {
    return found.isEmpty();
  }
}
