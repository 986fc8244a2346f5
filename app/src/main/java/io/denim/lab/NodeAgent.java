package io.denim.lab;

import io.denim.agent.Agent;
import io.denim.agent.AgentException;
import io.denim.agent.AgentStatus;
import io.denim.agent.StatusServer;
import io.denim.attach.BridgeAttachment;
import io.denim.attach.PodNetwork;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import io.denim.plan.Devices;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A node's agent, as a thread of this JVM or as a process. */
sealed interface NodeAgent {
  void awaitReady(Duration timeout);

  AgentStatus status();

  BridgeAttachment attachment();

  /** Ends it in an orderly way; the node's network stays. */
  void close();

  /** Ends it as kill -9 does. */
  void kill();

  /** In this JVM. */
  record InThread(Agent agent) implements NodeAgent {
    @Override
    public void awaitReady(Duration timeout) {
      agent.awaitReady(timeout);
    }

    @Override
    public AgentStatus status() {
      return agent.status();
    }

    @Override
    public BridgeAttachment attachment() {
      return agent.attachment();
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
   * A process of its own, asked by its socket. Pods are attached by the lab, with the same code and
   * files.
   */
  final class InProcess implements NodeAgent {
    private static final Duration LOOK = Duration.ofMillis(20);

    private final Process process;
    private final Path socket;
    private final Path log;
    private final Rtnetlink kernel;
    private final BridgeAttachment attachment;

    InProcess(Process process, Path directory, Path log, Namespace namespace) {
      this.process = process;
      this.socket = directory.resolve("agent.sock");
      this.log = log;
      this.kernel = Rtnetlink.open(namespace);
      this.attachment = new BridgeAttachment(kernel, directory.resolve("networks"));
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
      AgentStatus status = status();
      List<Cidr> subnets = status.subnets().stream().map(Cidr::parse).toList();
      attachment.configure(new PodNetwork(Devices.BRIDGE, subnets, status.mtu()));
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
    public BridgeAttachment attachment() {
      return attachment;
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
      attachment.close();
      kernel.close();
    }
  }
}
