package io.denim.runtime;

/**
 * A TCP port of the node that leads to a port of the pod.
 *
 * @param host the node's
 * @param container the pod's
 */
record HostPort(int host, int container) {}
