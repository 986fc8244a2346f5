package io.denim.router;

/**
 * A path to a prefix in a line.
 *
 * @param prefix where it leads
 * @param nextHop by which router
 * @param from the peer that it came from; of a route of the router's own, its kind; empty for what
 *     is told
 * @param localPref LOCAL_PREF; empty without one
 * @param med MULTI_EXIT_DISC; empty without one
 * @param path the AS path
 * @param communities plain and large ones
 * @param since the time when it came (ISO 8601); empty for what is told
 * @param state best, equal, worse, left out; told for what a peer is told
 * @param why it was chosen or was not; empty for what is told
 */
public record RouteRow(
    String prefix,
    String nextHop,
    String from,
    String localPref,
    String med,
    String path,
    String communities,
    String since,
    String state,
    String why) {}
