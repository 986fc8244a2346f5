/**
 * A BGP router of its own: what {@code denim bgp run FILE} is told and runs.
 *
 * <p>The file is YAML, described with an example in docs/bgp.md. {@link io.denim.router.RouterYaml}
 * reads it into a {@link io.denim.router.RouterConfig}, which is the speaker's own configuration
 * with what stands around a speaker when nothing else runs it: the control socket, metrics, BMP
 * stations. Reading goes on after an error, so that all that is wrong comes out at once; every
 * problem has the line and the field, what stands there and what may. Defaults for peers are laid
 * under each peer before it is read, and a problem in them is told once.
 *
 * <p>Anchors and aliases of YAML are the way to use a list of prefixes in many rules. A file is
 * looked at from the top down by what may stand where, never deeper, so one that refers to itself
 * does no harm.
 */
@NullMarked
package io.denim.router;

import org.jspecify.annotations.NullMarked;
