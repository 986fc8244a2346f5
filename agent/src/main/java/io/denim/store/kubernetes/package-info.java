/**
 * A Kubernetes API server as a place for data: the transport for everything that Denim asks of one,
 * and a {@link io.denim.store.Store} of ConfigMaps for what has no resource of its own.
 *
 * <p>From the ground up:
 *
 * <ul>
 *   <li>{@link io.denim.store.kubernetes.KubernetesAccess}: where the server is and who asks, from
 *       a kubeconfig or from the files that a pod is given; {@code Kubeconfig} and {@code Tls} read
 *       what it names.
 *   <li>{@code Connections}: the HTTP client in use. Every request looks whether a file of the
 *       credentials was replaced, so a rotated token or certificate needs nothing else.
 *   <li>{@link io.denim.store.kubernetes.KubernetesApi}: one request and its answer, lists in
 *       pages, each with a deadline; what cannot be had is an {@link
 *       io.denim.store.UnavailableException} in words.
 *   <li>{@link io.denim.store.kubernetes.ObjectWatch}: what happens to the objects of a list.
 *   <li>{@link io.denim.store.kubernetes.KubernetesStore}.
 * </ul>
 *
 * <p>Objects are read by Jackson's streaming parser straight from the connection, and an {@link
 * io.denim.store.kubernetes.ObjectReader} keeps of each what its user needs: of 100 MB of nodes, 5
 * MB stay. fabric8's HTTP client (on the JDK's) carries the bytes. Its typed client would cost 30
 * MB of resident memory more, most of it classes.
 *
 * <p>The life of a watch: it asks for what happened after a resourceVersion and remembers that of
 * each event and bookmark. The server ends it after some minutes, or soon when little happens, and
 * it asks again from there. HTTP 1.1 is spoken so that a watch has a connection of its own, which
 * is given up when nothing came for half a minute: a dead connection is silent, and a living one is
 * not for so long, because a quiet watch is ended by the server before. Before it goes on it asks
 * for the present resourceVersion: a server whose data were lost would stay silent until its
 * numbers have overtaken those of the lost ones. When the server no longer knows the
 * resourceVersion (410 Gone), the watch is over and its user lists again.
 *
 * <p>Standards: the Kubernetes API conventions ("Efficient detection of changes", KEP-956
 * bookmarks, KEP-5504 comparable resource versions). Not here: credential plug-ins ({@code exec}),
 * HTTP proxies, and what the objects mean.
 */
@NullMarked
package io.denim.store.kubernetes;

import org.jspecify.annotations.NullMarked;
