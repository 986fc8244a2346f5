package io.denim.store.kubernetes;

import java.time.Duration;

/**
 * How long an API server is waited for.
 *
 * @param connect until a connection stands
 * @param answer until a request is answered, all of it
 * @param page until a page of a list has come, all of it
 * @param silence how long nothing may come of a list or a watch
 * @param quiet after how long the server ends a watch of which little came; shorter than {@code
 *     silence}, so that a living watch is never silent for so long
 * @param busy after how long, at least, the server ends a watch of which much came
 */
record Limits(
    Duration connect,
    Duration answer,
    Duration page,
    Duration silence,
    Duration quiet,
    Duration busy) {
  /** What is used when nothing is said. */
  static final Limits USUAL =
      new Limits(
          Duration.ofSeconds(5),
          Duration.ofSeconds(15),
          Duration.ofMinutes(2),
          Duration.ofSeconds(30),
          Duration.ofSeconds(22),
          Duration.ofMinutes(5));
}
