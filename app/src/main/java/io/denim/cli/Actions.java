package io.denim.cli;

import io.denim.install.Removal;
import io.denim.lab.LabConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the commands do, once their words are understood. Each method returns when the command is
 * over, and throws {@link CommandException} for what failed.
 *
 * <p>{@code lab} is the name of a running lab; empty: the only one there is.
 */
interface Actions {
  /** Runs the agent of this node until it is told to stop. */
  void agent(FlanneldOptions options);

  /**
   * Starts a lab.
   *
   * @param file where it was described, empty for the demo's
   * @param foreground whether to stay until interrupted and then take it down; else it is left
   *     running and this returns when it is up
   */
  void labUp(LabConfig config, Optional<Path> file, boolean foreground);

  /** What a lab consists of and how it is. */
  Record labStatus(Optional<String> lab);

  /** Runs a command in a node, pod, router or the outside; returns its exit code. */
  int labExec(Optional<String> lab, String where, List<String> command);

  /** Runs kubectl as the administrator of a lab's Kubernetes; returns its exit code. */
  int labKubectl(Optional<String> lab, List<String> words);

  /**
   * Sends pings, each {@code count} times.
   *
   * @param ends from and to; empty: every pair of pods
   */
  List<? extends Record> labPing(Optional<String> lab, List<String> ends, int count);

  /**
   * Records packets until interrupted.
   *
   * @param device the interface; empty: all
   * @param file for the packets as pcap; empty: they are shown as text
   * @param count after how many to end; empty: when interrupted
   * @param filter words of a tcpdump filter; none: all packets
   */
  int labCapture(
      Optional<String> lab,
      String where,
      Optional<String> device,
      Optional<Path> file,
      Optional<Integer> count,
      List<String> filter);

  /** Takes a lab down. */
  void labDown(Optional<String> lab);

  /** What the agent listening on this socket knows: nodes, subnets, paths, health. */
  Record status(Path socket);

  /** Takes Denim away from this node, or tells what it would. */
  List<Removal> uninstall(UninstallOptions options);

  /**
   * The interfaces of a pod of the node whose agent listens on this socket.
   *
   * @param name the pod's name, also as namespace/name, or the beginning of a container's id
   */
  List<? extends Record> pod(Path socket, String name);

  /** Starts the demo's lab, shows who reaches whom, takes it down unless it is to be kept. */
  void demo(boolean keep);

  /** What the commands of {@code denim bgp} do. */
  BgpActions bgp();
}
