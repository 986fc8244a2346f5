package io.denim.lab;

/** Where a lab keeps what its nodes know of each other. */
public sealed interface LabStore {
  /** In files of the lab's folder; for Denim's agents only. */
  record Embedded() implements LabStore {}

  /** In a real etcd of the lab, as flannel does without {@code --kube-subnet-mgr}. */
  record Etcd() implements LabStore {}

  /** Whether there is a host for the programs that keep it. */
  default boolean hasControlPlane() {
    return !(this instanceof Embedded);
  }
}
