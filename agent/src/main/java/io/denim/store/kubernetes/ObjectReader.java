package io.denim.store.kubernetes;

import tools.jackson.core.JsonParser;

/** Reads one object of an API server and keeps of it what is needed. */
@FunctionalInterface
public interface ObjectReader<T extends ObjectReader.Versioned> {
  /**
   * Reads the object whose beginning the parser stands at, to its end. What is missing is empty.
   */
  T read(JsonParser parser);

  /** What a watch must know of every object. */
  interface Versioned {
    /** The object's version, {@code metadata.resourceVersion}. */
    String resourceVersion();
  }
}
