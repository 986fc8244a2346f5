/** How other threads ask one that alone touches sockets and tables. */
@NullMarked
package io.denim.bgp.loop;

import org.jspecify.annotations.NullMarked;
