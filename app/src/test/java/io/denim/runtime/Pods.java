package io.denim.runtime;

import io.denim.net.IpAddress;

/** What pods see of each other. */
final class Pods {
  private Pods() {}

  /** The name that an address serves, asked for from within a pod. */
  static String fetch(ContainerRuntime runtime, Pod from, IpAddress to) {
    return fetch(runtime, from, to, ContainerRuntime.PORT);
  }

  /** The name that a port of an address serves, asked for from within a pod. */
  static String fetch(ContainerRuntime runtime, Pod from, IpAddress to, int port) {
    String host = to.isV4() ? to.toString() : "[" + to + "]";
    Output output =
        runtime.exec(from, "timeout", "5", "wget", "-q", "-O", "-", "http://" + host + ":" + port);
    return output.succeeded() ? output.out().strip() : output.toString();
  }
}
