/**
 * Clusters of network namespaces on one machine: what a lab consists of.
 *
 * <p>A {@link io.denim.lab.LabConfig} says what there is: subnets (networks of hosts), routers that
 * join them, nodes in the subnets, pods on the nodes, flannel's configuration, and how the agents
 * run. It is a value that is right by construction: every way to one goes through the same rules
 * ({@code LabRules}), so that who holds one need not check again. There are two ways: {@link
 * io.denim.lab.LabYaml} reads the small YAML a person writes, and {@link
 * io.denim.lab.LabConfig#nodes} starts a {@link io.denim.lab.LabBuilder} for programs, above all
 * the integration tests.
 *
 * <p>Everything may be left out: an empty file is the lab of {@code denim demo}, four nodes in two
 * subnets behind a router with an outside, two pods on each node, flannel's vxlan. What is there is
 * checked as a whole, and all problems are reported at once ({@link
 * io.denim.lab.LabConfigException}), each with its place in the file, its value and what is
 * allowed.
 *
 * <p>Addresses follow from the configuration and are not state: routers take the first addresses of
 * each subnet in the order they are written, nodes those from the eleventh on (see {@link
 * io.denim.lab.LabConfig#addressOf(LabConfig.Node, io.denim.net.Family)}).
 *
 * <p>flannel's configuration is kept as the text of its net-conf.json, and only the pod networks
 * are read from it, since they must not meet the subnets; what the rest means is the agent's to
 * say.
 *
 * <p>A running {@link io.denim.lab.Lab} is an {@code Underlay} of namespaces, a {@code Backing} in
 * which the nodes' network is kept (Denim's embedded store, a real {@link io.denim.lab.Etcd}, or a
 * real {@link io.denim.lab.KubernetesCluster}), and {@code Agents}: Denim's as threads of this JVM
 * or as processes, or real flanneld. Where real programs run, a host of the lab is a {@link
 * io.denim.lab.Machine} with mounts and processes of its own. They are started by whoever made the
 * lab ({@link io.denim.lab.ProcessStarter}), and the kernel ends them with it.
 *
 * <p>Containers in a lab need images, and a lab has no registry. {@link io.denim.lab.ImageArchive}
 * makes those that Kubernetes' tests name from this machine's programs: {@code MachinePrograms}
 * finds a program's libraries by what its {@code Elf} file says, as {@code ldd} would, {@link
 * io.denim.lab.Busybox} reads busybox's names out of busybox, and {@link
 * io.denim.lab.DockerArchive} writes all of it as {@code docker save} would. Nothing of that starts
 * a process.
 */
@NullMarked
package io.denim.lab;

import org.jspecify.annotations.NullMarked;
