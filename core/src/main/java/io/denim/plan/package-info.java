/**
 * Planners: pure functions from a {@link io.denim.state.Snapshot} to the kernel objects that should
 * exist.
 *
 * <p>The package has two steps. {@link io.denim.plan.PathPlanner} chooses a {@link
 * io.denim.plan.Path} for each remote subnet and says why. {@link io.denim.plan.Planner} expands
 * the paths and the node's own needs (devices, addresses, masquerade, sysctls) into a {@link
 * io.denim.plan.Desired}, which {@code io.denim.apply} compares with the kernel. A new
 * encapsulation is a new {@code Path} and its expansion; the compiler shows each place that must
 * know it.
 *
 * <p>The life of one peer: its record becomes a {@code Peer} in the snapshot; the path planner
 * looks at the configured backend, at what the peer says it can receive and at the underlay's route
 * to it; the path becomes one route, and for VXLAN also one permanent neighbour and one forwarding
 * entry. All lists are sorted, so equal snapshots give equal plans.
 *
 * <p>Nothing here does I/O, reads a clock, or knows the kernel's numbers for devices.
 */
@NullMarked
package io.denim.plan;

import org.jspecify.annotations.NullMarked;
