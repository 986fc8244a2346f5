/**
 * What a speaker is told to do: itself, its peers, the ranges of peers that it takes without
 * knowing them, and the routes that it announces of its own.
 *
 * <p>All are immutable values that are checked when they are made, and compare by content: a reload
 * hands the speaker a whole new {@link io.denim.bgp.config.SpeakerConfig}, and the difference to
 * the running one, peer by peer and field by field, says what has to be touched. Policies are held
 * where they are used, not by name, so that an equal policy under the same peer is no difference.
 *
 * <p>Who writes them: the reader of {@code denim bgp run}'s file, the agent from the cluster's
 * store, and tests by {@link io.denim.bgp.config.PeerConfig#of}. What is wrong is an {@link
 * IllegalArgumentException} that names the field, its value and what is allowed.
 */
@NullMarked
package io.denim.bgp.config;

import org.jspecify.annotations.NullMarked;
