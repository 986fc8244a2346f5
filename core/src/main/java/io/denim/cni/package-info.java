/**
 * The Container Network Interface as values: what a container runtime asks, and what it is
 * answered. Specification 1.1.0 and the six before it.
 *
 * <p>The package is cut by what crosses the border. {@link io.denim.cni.Call} is the frame that the
 * shim sends: the verb, the {@code CNI_} variables and the configuration's text. {@link
 * io.denim.cni.PluginConfig} is that configuration, one record for each plugin that Denim stands in
 * for: {@link io.denim.cni.BridgeConfig} for its own, {@link io.denim.cni.FlannelPlugin} for
 * flannel's, which becomes a bridge's, and the chained ones. {@link io.denim.cni.CniResult} is what
 * an attachment has become, in any version's shape; {@link io.denim.cni.CniException} is what went
 * wrong, with the specification's code.
 *
 * <p>The life of one call: octets come out of a socket, {@link io.denim.cni.Call#decode} makes a
 * call of them, {@link io.denim.cni.PluginConfig#parse} reads its configuration, others do the
 * work, and {@link io.denim.cni.CniResult#format} or {@link io.denim.cni.CniException#json} is the
 * answer. Whatever is wrong with the octets is said by a {@code CniException} that names the
 * variable or the key, its value and what is allowed; no other exception comes out.
 *
 * <p>Runtimes are written in Go, whose {@code encoding/json} is part of the protocol: containerd
 * writes {@code HostPort} where the convention says {@code hostPort}, so keys match whatever their
 * case; {@code null} is as if the key were not there. Unlike Go, two spellings of one key are an
 * error, because one of them would be ignored without a word.
 *
 * <p>Sources: the specification's SPEC.md and CONVENTIONS.md; the keys of the reference plugins
 * bridge, host-local, portmap and bandwidth 1.9.1, and of flannel's plugin. Nothing here does I/O,
 * knows the kernel, or decides what a plugin does.
 */
@NullMarked
package io.denim.cni;

import org.jspecify.annotations.NullMarked;
