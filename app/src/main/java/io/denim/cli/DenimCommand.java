package io.denim.cli;

import picocli.CommandLine.Command;

/** The command itself: without a subcommand it shows what there is. */
@Command(
    name = "denim",
    synopsisSubcommandLabel = "COMMAND",
    header = "Denim, the pod network of a Kubernetes cluster in place of flannel.",
    description = {
      "%nWhere flanneld ran, \"denim agent\" runs: it takes the same flags, environment and"
          + " net-conf.json. \"denim lab\" makes whole clusters of network namespaces on this"
          + " machine to try things in; \"denim demo\" shows one."
    },
    commandListHeading = "%nCommands:%n",
    optionListHeading = "%nOptions:%n",
    footer = {
      "%nExamples:",
      "  denim demo --keep                    a cluster of four nodes, left up to be explored",
      "  denim lab up lab.yaml                a cluster as you describe it",
      "  denim agent --ip-masq --iface=eth1   what flanneld --ip-masq --iface=eth1 did",
      "  denim status -o json                 what this node's agent knows",
      "  denim bgp run router.yaml            a BGP router or route reflector",
      "  source <(denim completion)           completion for bash",
      "%nEnvironment: DENIM_JAVA_OPTS are more options for the JVM; DENIM_DEBUG=1 shows where in Denim"
          + " an error arose.",
      "Exit code: 0 done, 1 failed, 2 wrong options. \"denim help COMMAND\" says more.%n"
    })
final class DenimCommand {}
