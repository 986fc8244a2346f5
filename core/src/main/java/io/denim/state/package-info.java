/**
 * What one agent knows at one instant, as one immutable value.
 *
 * <p>A {@link io.denim.state.Snapshot} is made of three parts with different sources: the
 * configuration and the peers come from the store, {@link io.denim.state.LocalNode} is what this
 * node has been given (subnets, VTEP addresses, options), and {@link io.denim.state.Underlay} is
 * what the kernel says of the network between the nodes. The agent replaces the snapshot as events
 * come in; planners ({@code io.denim.plan}) read it and nothing else. Nothing here does I/O, so a
 * snapshot can be written down in a test.
 */
@NullMarked
package io.denim.state;

import org.jspecify.annotations.NullMarked;
