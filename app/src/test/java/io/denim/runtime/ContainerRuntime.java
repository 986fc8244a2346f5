package io.denim.runtime;

import io.denim.lab.Output;

/** What makes containers on a node and calls the plugin for their network. */
sealed interface ContainerRuntime permits Containerd, Podman {
  /** The port on which each pod answers with its name. */
  int PORT = 8080;

  /** Runs a pod that serves its name. */
  Pod run(String name, HostPort... ports);

  /** Runs a command in a pod's container. */
  Output exec(Pod pod, String... command);

  /** Whether the runtime holds a pod's container for running. */
  boolean runs(Pod pod);

  /** Removes a pod, running or not. */
  void remove(Pod pod);

  /** Forgets a pod that could not be run, as far as the runtime remembers it. */
  void forget(String name);

  /** What a container runs to serve a name. */
  static String serving(String name) {
    return "echo " + name + " > /www/index.html; exec httpd -f -p " + PORT + " -h /www";
  }
}
