package io.denim.attach;

import java.nio.file.Path;

/**
 * Where a node's attachments are kept.
 *
 * @param records a file an attachment
 * @param journal the DELs that came while no agent answered
 * @param addresses the files of addresses, in a folder a network, where a configuration names no
 *     other; reference plugins have it at /var/lib/cni/networks
 */
public record Folders(Path records, Path journal, Path addresses) {
  /** All in folders below one. */
  public static Folders below(Path directory) {
    return new Folders(
        directory.resolve("attachments"),
        directory.resolve("journal"),
        directory.resolve("networks"));
  }
}
