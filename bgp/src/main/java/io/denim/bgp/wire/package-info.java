/** The messages of BGP-4 and their attributes as bytes and as values. */
@NullMarked
package io.denim.bgp.wire;

import org.jspecify.annotations.NullMarked;
