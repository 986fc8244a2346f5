/**
 * Denim beneath the runtimes that people use: containerd through the CRI and podman, each as it is
 * released, with real containers.
 *
 * <p>The programs come from {@code ./denim peers} and from Debian. A node is a {@link
 * io.denim.lab.Machine}: every runtime finds the usual paths, and two nodes do not meet.
 *
 * <p>A {@link io.denim.runtime.ContainerRuntime} runs on a node. Its containers are made from
 * {@link io.denim.runtime.PodImage}, which holds a static busybox and needs no registry; each
 * serves its pod's name by HTTP, and tests ask others for theirs from within.
 */
@NullMarked
package io.denim.runtime;

import org.jspecify.annotations.NullMarked;
