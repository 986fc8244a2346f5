/**
 * Denim beside real flanneld, and each in the place of the other: what both do with one store, on
 * one underlay, with pods by the reference plugins on flanneld's nodes.
 *
 * <p>Labs are shared between tests where that saves starting them. {@link io.denim.mixed.Blank}
 * then makes nodes and store what they were before any agent ran, so that one test's leftovers are
 * not another's beginning.
 *
 * <p>What flanneld itself cannot do (a new subnet after a new address, its own stale routes) is not
 * asserted; only what Denim makes of it.
 */
@NullMarked
package io.denim.mixed;

import org.jspecify.annotations.NullMarked;
