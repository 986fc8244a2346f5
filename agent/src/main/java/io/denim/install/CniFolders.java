package io.denim.install;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where container runtimes look for CNI.
 *
 * @param conf the folder of configurations, such as /etc/cni/net.d; empty: none is installed
 * @param bin the folder of plugins, such as /opt/cni/bin; empty: none are installed
 * @param networks where the host-local plugin keeps its addresses, a folder a network
 */
public record CniFolders(Optional<Path> conf, Optional<Path> bin, Path networks) {
  /** host-local's folder when its configuration names none. */
  public static final Path HOST_LOCAL = Path.of("/var/lib/cni/networks");

  /** With host-local's own folder. */
  public static CniFolders of(Optional<Path> conf, Optional<Path> bin) {
    return new CniFolders(conf, bin, HOST_LOCAL);
  }
}
