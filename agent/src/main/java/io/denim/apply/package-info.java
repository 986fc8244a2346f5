/**
 * The reconciler: the one place that brings the kernel to what the planners want.
 *
 * <p>{@link io.denim.apply.Observed} is what the kernel has, {@code Desired} what it should have,
 * and {@link io.denim.apply.Difference} the ordered {@link io.denim.apply.Step}s between them: a
 * pure function ({@code RouteDifference} is its part for routes; {@code PeerDifference} is for when
 * nothing but some peers has changed). {@link io.denim.apply.Kernel} reads and executes; {@link
 * io.denim.apply.Reconciler} goes round until nothing is left to do, and says which parts of it
 * failed.
 *
 * <p>The contract of a step: it is idempotent, executing it on a kernel that is already right
 * changes nothing; deleting what is gone is no failure; a step that fails does not stop the others
 * and is tried again in the next round. The order: devices before what lives on them, a neighbour
 * and its forwarding entry before the route that needs them, every new way before an old one goes.
 * A way is changed by one replacing message, never by deleting and adding.
 *
 * <p>Owned, and so removed when no longer wanted: Denim's table; on Denim's devices everything
 * permanent; routes inside the pod networks that carry Denim's protocol number or have the shape
 * that flannel gives its own; vxlan devices that are named and addressed as flannel's. Nothing else
 * is touched.
 */
@NullMarked
package io.denim.apply;

import org.jspecify.annotations.NullMarked;
