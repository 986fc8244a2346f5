/**
 * Denim's files on a node: the configuration and the binaries by which container runtimes find it,
 * and what has to go for that.
 *
 * <p>{@link io.denim.install.ConflistKeeper} runs beside a ready agent. A look of its thread goes
 * from below to above: {@code ShimBinaries} puts {@code denim-cni} into the folder of CNI plugins
 * (first, since a configuration without its plugin fails every pod), {@code ConfFolder} puts {@code
 * 05-denim.conflist} into the folder of CNI configurations, {@code ConfFile} judges the other files
 * there as a runtime would, and {@code BootstrapBridge} takes away what kubeasz gives a node before
 * it has a network. A look changes nothing where all is right, so it is made whenever the kernel
 * tells of a change in the folder, and once a minute for what is never told (inotify does not
 * follow a folder that was moved). What stands in the way is told as {@code problems}, in words.
 *
 * <p>How files are written: by a dot-file in the same folder, synced and renamed, so that a reader
 * finds all of a text or none, also after a crash. containerd ignores the birth of a file (its
 * watcher reloads on write, rename and removal, and a rename into the folder is a birth), so a
 * dot-file is then made and deleted. The folder itself is never deleted: containerd 2 ends when it
 * is, containerd 1 goes deaf.
 *
 * <p>Runtimes read the files that end with .conf, .conflist or .json in the order of their octets,
 * and containerd takes the first alone; one that it cannot parse there stops the loading of all.
 * Hence the name that begins with 05. The network is called {@code cbr0} as kube-flannel's: the
 * addresses of pods that flannel's plugin attached are files in that network's folder, and are
 * taken for Denim too, as Denim's are for flannel on the way back.
 *
 * <p>{@link io.denim.install.Uninstallation} is the only one that takes Denim's own files away.
 * What the agent makes in the kernel is not known here.
 *
 * <p>Sources: CNI specification 1.1.0 (section 1), libcni's and go-cni's loading of configurations,
 * containernetworking/plugins (the names of masquerade rules), kubeasz's role kube-node.
 */
@NullMarked
package io.denim.install;

import org.jspecify.annotations.NullMarked;
