package io.denim.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Mutual exclusion by a lock file, between processes and also between objects and threads of this
 * JVM. The lock is a POSIX one (fcntl), so the kernel drops it when its process dies, however that
 * happens.
 *
 * <p>It is asked for by trying, with pauses from a tenth of a millisecond to two: a wait in the
 * kernel could not be given up. While nobody contends, taking it costs one system call.
 */
public final class FileMutex implements AutoCloseable {
  private static final OncePerFile<Shared> IN_THIS_JVM = new OncePerFile<>();
  private static final long SHORTEST_PAUSE_NANOS = 100_000;
  private static final long LONGEST_PAUSE_NANOS = 2_000_000;

  private final Path file;
  private final Object fileKey;
  private final Shared shared;

  private FileMutex(Path file, Object fileKey, Shared shared) {
    this.file = file;
    this.fileKey = fileKey;
    this.shared = shared;
  }

  /** What all mutexes of this JVM on one file have in common. */
  private static final class Shared implements AutoCloseable {
    private final ReentrantLock turn = new ReentrantLock(true);
    private final FileChannel channel;

    private Shared(FileChannel channel) {
      this.channel = channel;
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /**
   * Makes a mutex of a file, which is created if it is missing and never removed.
   *
   * @throws UnavailableException when the file cannot be opened
   */
  public static FileMutex open(Path file) {
    try {
      // One at a time: closing the file after creating it would drop a lock taken meanwhile.
      synchronized (IN_THIS_JVM) {
        if (!Files.exists(file)) {
          Files.newByteChannel(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE).close();
        }
        Object key = key(file);
        Shared shared = IN_THIS_JVM.use(key, () -> new Shared(channel(file)));
        return new FileMutex(file, key, shared);
      }
    } catch (IOException e) {
      throw new UnavailableException("cannot open the lock file " + file + ": " + e, e);
    }
  }

  private static FileChannel channel(Path file) {
    try {
      return FileChannel.open(file, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new UnavailableException("cannot open the lock file " + file + ": " + e, e);
    }
  }

  private static Object key(Path file) throws IOException {
    return Objects.requireNonNull(
        Files.readAttributes(file, BasicFileAttributes.class).fileKey(),
        "a file system without inode numbers");
  }

  /**
   * Waits for the mutex, works while holding it, and gives it back.
   *
   * @throws UnavailableException when another holds it all that time, when the thread is
   *     interrupted, or when the lock file has been removed meanwhile
   */
  public <T> T alone(Duration atMost, Supplier<T> work) {
    long deadline = System.nanoTime() + atMost.toNanos();
    try {
      if (!shared.turn.tryLock(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
        throw tooLate(atMost);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted while waiting for the lock " + file, e);
    }
    try {
      FileLock lock = lock(deadline, atMost);
      try {
        return work.get();
      } finally {
        lock.release();
      }
    } catch (IOException e) {
      throw new UnavailableException("cannot lock or unlock " + file + ": " + e, e);
    } finally {
      shared.turn.unlock();
    }
  }

  private FileLock lock(long deadline, Duration atMost) throws IOException {
    long pause = SHORTEST_PAUSE_NANOS;
    FileLock lock = shared.channel.tryLock();
    while (lock == null) {
      if (System.nanoTime() - deadline >= 0) {
        throw tooLate(atMost);
      }
      LockSupport.parkNanos(pause);
      pause = Math.min(LONGEST_PAUSE_NANOS, pause + pause / 2);
      lock = shared.channel.tryLock();
    }
    if (!isIntact()) {
      lock.release();
      throw new UnavailableException(
          "the lock file %s was removed or replaced while in use; restart all that use its folder"
              .formatted(file));
    }
    return lock;
  }

  /** Whether the lock file is the one that was opened; one that was removed locks nobody out. */
  public boolean isIntact() {
    try {
      return key(file).equals(fileKey);
    } catch (IOException e) {
      return false;
    }
  }

  private UnavailableException tooLate(Duration atMost) {
    return new UnavailableException(
        "another process has held the lock %s for more than %d s; see who does with fuser %s"
            .formatted(file, atMost.toSeconds(), file));
  }

  @Override
  public void close() {
    try {
      IN_THIS_JVM.release(fileKey);
    } catch (Exception e) {
      throw new UnavailableException("cannot close the lock file " + file + ": " + e, e);
    }
  }
}
