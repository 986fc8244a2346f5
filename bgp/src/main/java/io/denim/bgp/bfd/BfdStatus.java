package io.denim.bgp.bfd;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A session at one moment.
 *
 * @param config as it is now
 * @param state of this side
 * @param remoteState as the peer last told
 * @param diagnostic why this side's state last changed
 * @param remoteDiagnostic why the peer's did, as it told
 * @param localDiscriminator this side's name of the session
 * @param remoteDiscriminator the peer's; 0 when it is not heard
 * @param sendInterval how often this side sends, before jitter
 * @param detectionTime how long a silence of the peer is endured; zero while it is not heard
 * @param remoteDetectionTime how long the peer endures one of this side
 * @param counters what happened since it was opened
 * @param since when the state last changed
 * @param problem what keeps it from sending or listening, where something does
 */
public record BfdStatus(
    BfdConfig config,
    BfdState state,
    BfdState remoteState,
    Diagnostic diagnostic,
    Diagnostic remoteDiagnostic,
    int localDiscriminator,
    int remoteDiscriminator,
    Duration sendInterval,
    Duration detectionTime,
    Duration remoteDetectionTime,
    Counters counters,
    Instant since,
    Optional<String> problem) {
  /**
   * What happened since it was opened.
   *
   * @param sent packets that left
   * @param received packets that counted
   * @param unsent packets that the kernel refused
   * @param ups how often it came up
   * @param downs how often it went down again
   * @param reprieves how often a silence was endured for longer since this process had not run
   */
  public record Counters(
      long sent, long received, long unsent, long ups, long downs, long reprieves) {}
}
