package io.denim.store;

/** A running watch. Closing it ends it; an event that is being delivered is not waited for. */
public interface Watch extends AutoCloseable {
  @Override
  void close();
}
