package io.denim.lab;

import io.denim.agent.Agent;
import io.denim.agent.AgentException;
import io.denim.agent.AgentStatus;
import io.denim.agent.StatusServer;
import java.nio.file.Path;
import java.time.Duration;

/** A node's agent, as a thread of this JVM or as a process. */
sealed interface NodeAgent {
  /** The name of the socket of a node's CNI plugin, in the node's folder. */
  String CNI_SOCKET = "cni.sock";

  void awaitReady(Duration timeout);

  AgentStatus status();

  /** Attaches pods to the node. */
  PodPlugin plugin();

  /** Ends it in an orderly way; the node's network stays. */
  void close();

  /** Ends it as kill -9 does. */
  void kill();

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
      return new PodPlugin(directory.resolve(CNI_SOCKET));
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

  /** A process of its own, asked by its sockets. */
  final class InProcess implements NodeAgent {
    private static final Duration LOOK = Duration.ofMillis(20);

    private final Process process;
    private final Path socket;
    private final Path log;
    private final PodPlugin plugin;

    InProcess(Process process, Path directory, Path log) {
      this.process = process;
      this.socket = directory.resolve("agent.sock");
      this.log = log;
      this.plugin = new PodPlugin(directory.resolve(CNI_SOCKET));
    }

    @Override
    public void awaitReady(Duration timeout) {
      long end = System.nanoTime() + timeout.toNanos();
      while (!isReady()) {
        if (!process.isAlive() || System.nanoTime() > end) {
          throw new LabException("the agent is not ready; its log is " + log);
        }
        try {
          Thread.sleep(LOOK);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new LabException("interrupted while waiting for an agent");
        }
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
      return StatusServer.ask(socket);
    }

    @Override
    public PodPlugin plugin() {
      return plugin;
    }

    @Override
    public void close() {
      end(process::destroy);
    }

    @Override
    public void kill() {
      end(process::destroyForcibly);
    }

    private void end(Runnable signal) {
      signal.run();
      try {
        var _ = process.waitFor(5, java.util.concurrent.TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
