package io.denim.lab;

import io.denim.agent.Agent;
import io.denim.agent.AgentException;
import io.denim.agent.AgentStatus;
import io.denim.agent.StatusServer;
import io.denim.net.Cidr;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A node's agent, as a thread of this JVM or as a process. */
sealed interface NodeAgent permits NodeAgent.InThread, NodeAgent.InProcess, Flanneld {
  /** The name of the socket of a node's CNI plugin, in the node's folder. */
  String CNI_SOCKET = "cni.sock";

  /** The name of the socket of the agent's API, in the node's folder. */
  String SOCKET = "agent.sock";

  void awaitReady(Duration timeout);

  AgentStatus status();

  /** The node's own subnets, once it is ready. */
  default List<Cidr> subnets() {
    return status().subnets().stream().map(Cidr::parse).toList();
  }

  /** The subnets of nodes that the agent knows a way to, or why there is none. */
  default List<Cidr> known() {
    return status().paths().stream().map(path -> Cidr.parse(path.subnet())).toList();
  }

  /** Attaches pods to the node. */
  PodPlugin plugin();

  /** What it runs as, if it has a process of its own. */
  Process process();

  /** Ends it in an orderly way; the node's network stays. */
  void close();

  /** Ends it as kill -9 does. */
  void kill();

  /** Ends a process by a signal, and one that does not end in a while by a harder one. */
  static void end(Process process, Consumer<Process> signal) {
    signal.accept(process);
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        var _ = process.waitFor(20, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** In this JVM. */
  record InThread(Agent agent, Path directory) implements NodeAgent {
    @Override
    public void awaitReady(Duration timeout) {
      agent.awaitReady(timeout);
    }

    @Override
    public AgentStatus status() {
      return agent.status();
    }

    @Override
    public PodPlugin plugin() {
      return new DenimPlugin(directory.resolve(CNI_SOCKET));
    }

    @Override
    public Process process() {
      throw new LabException(
          "an agent that is a thread has no process; give the lab \"agents: processes\"");
    }

    @Override
    public void close() {
      agent.close();
    }

    @Override
    public void kill() {
      throw new LabException(
          "an agent that is a thread cannot be killed; give the lab \"agents: processes\"");
    }
  }

  /**
   * A process of its own, asked by its sockets.
   *
   * @param directory where the sockets are
   */
  record InProcess(Process process, Path directory, Path log) implements NodeAgent {
    @Override
    public void awaitReady(Duration timeout) {
      boolean ready = Waiting.until(timeout, () -> isReady() || !process.isAlive());
      if (!ready || !process.isAlive()) {
        throw new LabException("the agent is not ready; " + LogFile.told(log));
      }
    }

    private boolean isReady() {
      try {
        return status().ready();
      } catch (AgentException e) {
        return false;
      }
    }

    @Override
    public AgentStatus status() {
      return StatusServer.ask(directory.resolve(SOCKET));
    }

    @Override
    public PodPlugin plugin() {
      return new DenimPlugin(directory.resolve(CNI_SOCKET));
    }

    @Override
    public void close() {
      NodeAgent.end(process, Process::destroy);
    }

    @Override
    public void kill() {
      NodeAgent.end(process, Process::destroyForcibly);
    }
  }
}
