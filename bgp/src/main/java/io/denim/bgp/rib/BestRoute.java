package io.denim.bgp.rib;

import io.denim.bgp.wire.AttributeSet;

/**
 * A route by which packets may go.
 *
 * @param from whose it is
 * @param kind of a route of the speaker's own; empty otherwise
 * @param attributes what is known of it
 */
public record BestRoute(SourceInfo from, String kind, AttributeSet attributes) {}
