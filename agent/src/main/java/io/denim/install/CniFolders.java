package io.denim.install;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where container runtimes look for CNI.
 *
 * @param conf the folder of configurations, such as /etc/cni/net.d; empty: none is installed
 * @param bin the folder of plugins, such as /opt/cni/bin; empty: none are installed
 * @param networks the folder of the files of addresses, a folder a network, such as
 *     /var/lib/cni/networks, where the reference plugin has it
 */
public record CniFolders(Optional<Path> conf, Optional<Path> bin, Path networks) {}
