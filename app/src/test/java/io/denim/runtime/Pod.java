package io.denim.runtime;

import io.denim.net.IpAddress;
import java.nio.file.Path;

/**
 * A running pod: one container with a network of its own.
 *
 * @param name what it is called and what it serves
 * @param sandbox what the plugin knows it by (CNI_CONTAINERID)
 * @param container the runtime's number of the container
 * @param address as the runtime was told it
 * @param netns where its network namespace is on the node (CNI_NETNS)
 * @param pid the container's first process as the node numbers it
 */
record Pod(
    String name, String sandbox, String container, IpAddress address, Path netns, long pid) {}
