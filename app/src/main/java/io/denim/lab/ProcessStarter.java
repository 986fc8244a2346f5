package io.denim.lab;

import java.util.List;

/**
 * Starts the programs of a lab. Handed in, because only the command starts processes, and only it
 * knows how this program is started and where its peers are.
 */
public interface ProcessStarter {
  /**
   * Starts a program, in the network of the calling thread.
   *
   * @throws LabException when it cannot be
   */
  Process start(Launch launch);

  /** The words that run {@code denim agent}, to be followed by its flags. */
  List<String> agent();

  /** The programs that Denim runs beneath and beside. */
  Peers peers();

  /** For labs that start none. */
  ProcessStarter NONE =
      new ProcessStarter() {
        @Override
        public Process start(Launch launch) {
          throw new LabException("this lab starts no processes; it can only have agents: threads");
        }

        @Override
        public List<String> agent() {
          throw new LabException("this lab starts no processes; it can only have agents: threads");
        }

        @Override
        public Peers peers() {
          throw new LabException("this lab starts no processes; it has no peers");
        }
      };
}
