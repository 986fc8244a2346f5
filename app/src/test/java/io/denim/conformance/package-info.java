/**
 * Kubernetes' own end-to-end tests, which nobody here wrote, against the lab's Kubernetes with
 * Denim as its network. {@link io.denim.conformance.GranularChecksIT} is a test as all others;
 * {@link io.denim.conformance.ConformanceIT} has a Maven profile and a command of its own, since it
 * takes long.
 */
@NullMarked
package io.denim.conformance;

import org.jspecify.annotations.NullMarked;
