package io.denim.cli;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What {@code denim uninstall} was told.
 *
 * @param cniConfDir the folder of CNI configurations
 * @param cniBinDir the folder of CNI plugins
 * @param dataDir the agent's data folder
 * @param socket where an agent that still runs would answer
 * @param netns the agent's network namespace; empty: this process's own
 * @param network whether what is in the kernel goes too
 * @param force whether it is done although pods are attached
 * @param dryRun whether it is only told
 */
record UninstallOptions(
    Path cniConfDir,
    Path cniBinDir,
    Path dataDir,
    Path socket,
    Optional<Path> netns,
    boolean network,
    boolean force,
    boolean dryRun) {}
