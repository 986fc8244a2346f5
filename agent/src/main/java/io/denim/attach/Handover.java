package io.denim.attach;

import io.denim.cni.Call;
import io.denim.cni.Call.Handed;
import io.denim.cni.CniException;
import io.denim.cni.CniException.Code;
import io.denim.linux.Descriptor;
import io.denim.linux.Errno;
import io.denim.linux.ns.Namespace;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The descriptors of a call by their names. What nobody takes is closed with the frame. */
record Handover(Map<String, Descriptor> descriptors, Map<String, Integer> missing) {
  /** Fewer descriptors than names, as a VERSION of a shim that opens nothing has, are fine. */
  static Handover of(Call call, List<Descriptor> descriptors) {
    Map<String, Descriptor> came = new HashMap<>();
    Map<String, Integer> missing = new HashMap<>();
    Iterator<Descriptor> next = descriptors.iterator();
    for (Handed each : call.handed()) {
      if (!each.came()) {
        missing.put(each.name(), each.errno());
      } else if (next.hasNext()) {
        came.put(each.name(), next.next());
      }
    }
    return new Handover(came, missing);
  }

  /** Gives the agent what is the node's. */
  void give(NodeReach reach) {
    reach.receive(
        named(Handed.CNI), missing.getOrDefault(Handed.CNI, Errno.ENOENT), named(Handed.NET));
  }

  /**
   * The container's namespace, if one came; the caller's, to be closed.
   *
   * @throws CniException when it is something else
   */
  Optional<Namespace> container() {
    try {
      return named(Handed.NETNS)
          .map(netns -> Namespace.adopt(netns, named(Handed.ROUTE), named(Handed.IPV6)));
    } catch (IllegalArgumentException e) {
      throw new CniException(
          Code.INVALID_NAMESPACE, "CNI_NETNS is no network namespace: " + e.getMessage(), "", e);
    }
  }

  private Optional<Descriptor> named(String name) {
    return Optional.ofNullable(descriptors.get(name));
  }
}
