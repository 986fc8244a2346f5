package io.denim.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code denim demo}. */
@Command(
    name = "demo",
    header = "Start a cluster of four nodes here and show who reaches whom.",
    description = {
      "%nFour nodes in two subnets behind a router, two pods on each: shows the path and the"
          + " round-trip time of every pair, and a packet to a host beyond the router with its"
          + " source masqueraded. It needs root, or a user namespace; nothing outside the lab's own"
          + " namespaces is touched.%n"
    })
final class DemoCommand implements Callable<Integer> {
  private final Actions actions;

  @Option(names = "--keep", description = "Leave the lab up; \"denim lab down\" takes it down.")
  private boolean keep;

  DemoCommand(Actions actions) {
    this.actions = actions;
  }

  @Override
  public Integer call() {
    actions.demo(keep);
    return 0;
  }
}
