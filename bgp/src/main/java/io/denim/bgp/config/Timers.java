package io.denim.bgp.config;

import java.time.Duration;

/**
 * The times of a session (RFC 4271 10, RFC 9687).
 *
 * @param holdSeconds the hold time offered: 0 (no keepalives, no hold timer) or 3 to 65535
 * @param keepaliveSeconds the time between keepalives; 0 for a third of the negotiated hold time
 * @param connectRetry the time between two attempts to dial
 * @param connectTimeout how long one attempt may last
 * @param sendHold how long the peer may take nothing of what is written before the session is
 *     closed (RFC 9687); zero for twice the negotiated hold time
 */
public record Timers(
    int holdSeconds,
    int keepaliveSeconds,
    Duration connectRetry,
    Duration connectTimeout,
    Duration sendHold) {
  /** Hold 90 s, keepalive a third of it, retry after 5 s, attempts of 3 s, send hold twice 90 s. */
  public static final Timers DEFAULT =
      new Timers(90, 0, Duration.ofSeconds(5), Duration.ofSeconds(3), Duration.ZERO);

  /** Checks each time, and that keepalives come within the hold time. */
  public Timers {
    if (holdSeconds != 0) {
      Bounds.check("a hold time that is not 0", holdSeconds, 3, 65535);
      Bounds.check("the keepalive time", keepaliveSeconds, 0, holdSeconds);
    } else {
      Bounds.check("the keepalive time without a hold time", keepaliveSeconds, 0, 0);
    }
    Bounds.checkPositive("the connect retry time", connectRetry);
    Bounds.checkPositive("the connect timeout", connectTimeout);
    Bounds.checkNotNegative("the send hold time", sendHold);
  }

  /** These with another hold time, and keepalives at a third of it. */
  public Timers withHold(int seconds) {
    return new Timers(seconds, 0, connectRetry, connectTimeout, sendHold);
  }

  /** These with another time between attempts to dial. */
  public Timers withConnectRetry(Duration retry) {
    return new Timers(holdSeconds, keepaliveSeconds, retry, connectTimeout, sendHold);
  }

  /** The hold time of a session whose peer offers this one: the smaller (RFC 4271 4.2). */
  public int negotiatedHold(int offeredByPeer) {
    return Math.min(holdSeconds, offeredByPeer);
  }

  /**
   * The time between keepalives under this negotiated hold time; zero for none. A third of the hold
   * time, or the configured time shortened as the peer's hold time is (RFC 4271 4.4); a second at
   * least.
   */
  public Duration keepalive(int negotiatedHold) {
    if (negotiatedHold == 0) {
      return Duration.ZERO;
    }
    long millis =
        keepaliveSeconds == 0
            ? negotiatedHold * 1000L / 3
            : keepaliveSeconds * 1000L * negotiatedHold / holdSeconds;
    return Duration.ofMillis(Math.max(1000, millis));
  }

  /**
   * The send hold time under this negotiated hold time: twice that unless something else is said,
   * and 8 minutes, as RFC 9687 has it, where neither side is given up for its silence.
   */
  public Duration sendHold(int negotiatedHold) {
    if (!sendHold.isZero()) {
      return sendHold;
    }
    return negotiatedHold == 0 ? Duration.ofMinutes(8) : Duration.ofSeconds(2L * negotiatedHold);
  }
}
