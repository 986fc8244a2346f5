package io.denim.attach;

import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Lets one after the other work on one container, and all on different ones at once. */
final class ContainerLocks {
  private static final int LOCKS = 64;

  private final List<ReentrantLock> locks =
      Stream.generate(ReentrantLock::new).limit(LOCKS).toList();

  <T> T alone(Attachment.Key key, Supplier<T> work) {
    ReentrantLock lock = locks.get(Math.floorMod(key.container().hashCode(), LOCKS));
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  void alone(Attachment.Key key, Runnable work) {
    var _ =
        alone(
            key,
            () -> {
              work.run();
              return true;
            });
  }
}
