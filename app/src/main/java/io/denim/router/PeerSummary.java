package io.denim.router;

/**
 * A peer in a line.
 *
 * @param peer its name
 * @param address its address
 * @param as the AS that it says it is of, or that the file allows while there is no session
 * @param state of the session, as RFC 4271 calls it
 * @param draining whether its session is to end soon, and its routes are the last choice (RFC 8326)
 * @param since the time when it came into the state (ISO 8601)
 * @param in routes that came from it
 * @param out routes that it is told
 * @param lag octets that wait to be sent to it
 * @param lastProblem what went wrong last, in words; empty when nothing has
 */
public record PeerSummary(
    String peer,
    String address,
    String as,
    String state,
    boolean draining,
    String since,
    long in,
    long out,
    long lag,
    String lastProblem) {}
