package io.denim.store;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Keeps one object for each file that is in use in this JVM, counted. It exists because two things
 * of the kernel belong to a process and not to an object: a POSIX file lock (a second one on the
 * same file is refused by the JVM, and closing any descriptor of the file drops it) and the limited
 * number of inotify instances.
 *
 * @param <T> what is kept
 */
final class OncePerFile<T extends AutoCloseable> {
  private final Map<Object, Kept<T>> kept = new HashMap<>();

  /** An object that is in use, and how often. */
  private static final class Kept<T> {
    private final T object;
    private int users;

    private Kept(T object) {
      this.object = object;
    }
  }

  /** The object of a file, made if it is the first use. Each use ends with {@link #release}. */
  synchronized T use(Object fileKey, Supplier<T> make) {
    Kept<T> found = kept.computeIfAbsent(fileKey, key -> new Kept<>(make.get()));
    found.users++;
    return found.object;
  }

  /** Ends a use; the last one closes the object. */
  synchronized void release(Object fileKey) throws Exception {
    Kept<T> found = kept.get(fileKey);
    if (found != null && --found.users == 0) {
      kept.remove(fileKey);
      found.object.close();
    }
  }
}
