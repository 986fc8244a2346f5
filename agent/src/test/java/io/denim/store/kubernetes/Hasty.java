package io.denim.store.kubernetes;

import java.time.Duration;

/** Clients that lose patience soon, so that tests need not wait. */
public final class Hasty {
  private Hasty() {}

  /** A client that waits for an answer for four seconds. */
  public static KubernetesApi api(KubernetesAccess access) {
    return new KubernetesApi(
        access,
        new Limits(
            Duration.ofSeconds(4),
            Duration.ofSeconds(4),
            Duration.ofSeconds(20),
            Duration.ofSeconds(4),
            Duration.ofSeconds(2),
            Duration.ofSeconds(8)));
  }
}
