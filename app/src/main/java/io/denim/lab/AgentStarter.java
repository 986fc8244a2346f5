package io.denim.lab;

import java.nio.file.Path;
import java.util.List;

/**
 * Starts an agent as a process. Handed in, because only the command knows how this program is
 * started.
 */
@FunctionalInterface
public interface AgentStarter {
  /**
   * Runs {@code denim agent} with these words.
   *
   * @param log where its output goes
   */
  Process start(List<String> words, Path log);

  /** For labs whose agents are threads. */
  AgentStarter NONE =
      (words, log) -> {
        throw new LabException("this lab can only have agents: threads");
      };
}
