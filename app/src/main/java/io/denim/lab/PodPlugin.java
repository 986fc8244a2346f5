package io.denim.lab;

import io.denim.cni.CniResult;
import io.denim.linux.ns.Namespace;

/** Attaches the lab's pods as a container runtime does: by calls of the node's CNI plugin. */
sealed interface PodPlugin permits DenimPlugin, ReferencePlugins {
  /** The pods' interface. */
  String DEVICE = "eth0";

  /** Attaches a pod. */
  CniResult add(String pod, Namespace namespace);

  /** Detaches a pod; one that is not attached is none the less. */
  void del(String pod);
}
