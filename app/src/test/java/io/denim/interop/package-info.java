/**
 * Denim's BGP speaker against those that others run: BIRD, the older BIRD 1.6, GoBGP and FRR, each
 * in a network namespace of its own on one wire. Every test says by {@link io.denim.interop.Tested}
 * what it shows and against whom; it runs once for each of them, and the table in {@code
 * docs/bgp.md} is made of the same words.
 */
@NullMarked
package io.denim.interop;

import org.jspecify.annotations.NullMarked;
