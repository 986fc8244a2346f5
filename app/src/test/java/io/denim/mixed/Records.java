package io.denim.mixed;

import io.denim.lab.Lab;
import io.denim.lab.LabConfig;
import io.denim.lab.LabStore;
import io.denim.store.etcd.EtcdOptions;
import java.util.Map;
import java.util.TreeMap;

/** What nodes have written into the store for each other, byte for byte. */
final class Records {
  private Records() {}

  /** By key in etcd, or by node and annotation. */
  static Map<String, String> of(Lab lab) {
    Map<String, String> found = new TreeMap<>();
    if (lab.config().store() instanceof LabStore.Kubernetes) {
      for (LabConfig.Node node : lab.config().nodes()) {
        lab.kubernetes()
            .api()
            .get("/api/v1/nodes/" + node.name())
            .at("/metadata/annotations")
            .propertyStream()
            .filter(annotation -> annotation.getKey().startsWith("flannel."))
            .forEach(annotation ->
                found.put(
                    "record " + node.name() + " " + annotation.getKey(),
                    annotation.getValue().asString("")));
      }
    } else {
      lab.etcd()
          .list(EtcdOptions.DEFAULT_PREFIX + "/subnets/")
          .forEach((key, value) -> found.put("record " + key, value));
    }
    return found;
  }
}
