package io.denim.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * {@code denim peers}: the script of that name in a checkout does it; here it is only explained.
 */
@Command(
    name = "peers",
    header = "Build the real programs that Denim is tested with (in a checkout: ./denim peers).",
    description = {
      "%nKubernetes, etcd, flanneld, containerd, CoreDNS and the reference CNI plugins, from their"
          + " authors' sources by Go 1.26 into ~/.cache/denim-peers; what is there already is left"
          + " as it is. Prints the folder of the programs.%n"
    })
final class PeersCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    throw CommandException.failure(
        "there is no checkout to build from here; in one, run: ./denim peers");
  }
}
