/**
 * Denim beneath the runtimes that people use: containerd through the CRI and podman, each as it is
 * released, with real containers.
 *
 * <p>The programs come from {@code tools/peers} ({@link io.denim.runtime.Peers}) and from Debian. A
 * {@link io.denim.runtime.RuntimeNode} stands for one machine: a lab node's network with mounts and
 * processes of its own, so that every runtime finds the usual paths ({@code /run}, {@code
 * /etc/cni/net.d}, {@code /opt/cni/bin}) and two nodes do not meet. Its first process is the
 * machine's life: when it ends, which it does with this JVM at the latest, the kernel ends all
 * processes of the node, and with the last of them go its mounts. What is left are cgroups, which
 * {@link io.denim.runtime.RuntimeNode#close} removes.
 *
 * <p>A {@link io.denim.runtime.ContainerRuntime} runs on a node. Its containers are made from
 * {@link io.denim.runtime.PodImage}, which holds a static busybox and needs no registry; each
 * serves its pod's name by HTTP, and tests ask others for theirs from within.
 */
@NullMarked
package io.denim.runtime;

import org.jspecify.annotations.NullMarked;
