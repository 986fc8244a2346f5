package io.denim.bgp.speaker;

import org.jspecify.annotations.Nullable;

/**
 * What many peers have alike is kept once: a value that equals the one before is that one. Only the
 * last is held on to, which is enough for peers of one kind that come together.
 */
final class Alike<T> {
  private @Nullable T last;

  /** The value itself, or the one before it if they are equal. */
  T of(T value) {
    T before = last;
    if (before != null && before.equals(value)) {
      return before;
    }
    last = value;
    return value;
  }
}
