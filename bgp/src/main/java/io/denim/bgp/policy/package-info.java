/**
 * Filters as data: what becomes of a route on its way in from a peer or out to one.
 *
 * <p>A {@link io.denim.bgp.policy.Policy} is a list of rules that are tried in order, and what
 * happens when none decides. A rule has conditions that must all hold, actions that change the
 * route's attributes, and a verdict; the verdict {@code CONTINUE} leaves the decision to the rules
 * below, which see the attributes as changed. Applying a policy to a {@link
 * io.denim.bgp.policy.Subject} gives the route as it goes on or says that it does not, and names
 * the rule that decided, for the question why.
 *
 * <p>All are values: two policies of equal content are equal. Peers with equal policies share their
 * work, and a reload that changes nothing is seen to change nothing. A set of prefixes is compiled
 * once into a table, so that thousands of them cost a few look-ups (one for each distinct length).
 *
 * <p>What the rules can ask and do is what routers' own filters have in common (BIRD's filters,
 * route maps, Calico's BGPFilter), without their loops and variables: a policy always ends, and can
 * be shown to a person as it is.
 */
@NullMarked
package io.denim.bgp.policy;

import org.jspecify.annotations.NullMarked;
