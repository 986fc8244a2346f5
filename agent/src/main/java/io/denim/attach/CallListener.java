package io.denim.attach;

import java.time.Duration;

/** Hears how the plugin's calls end. Called on the thread of each call; must return at once. */
@FunctionalInterface
public interface CallListener {
  /** The verb of a request that could not be read. */
  String UNREADABLE = "unreadable";

  /** For those who do not want to know. */
  CallListener NONE = (_, _, _) -> {};

  /**
   * A call has been answered.
   *
   * @param verb {@code ADD}, {@code CHECK} and so on, or {@link #UNREADABLE}
   * @param code the number of the error, 0 when there was none
   * @param took from the request to the answer
   */
  void answered(String verb, int code, Duration took);
}
