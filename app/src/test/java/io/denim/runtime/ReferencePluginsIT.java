package io.denim.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.lab.Lab;
import io.denim.lab.LabConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The reference plugins on nodes with Denim's agent, as flanneld's users have them. */
class ReferencePluginsIT {
  @TempDir Path directory;

  private final Peers peers = Peers.find();

  @Test
  void theirPodsReachEachOtherThroughTheAgentsBridges() throws Exception {
    var config = LabConfig.nodes(2).subnets("10.1.0.0/24").podsPerNode(0).flannel("vxlan").build();
    try (Lab lab = Lab.start(config, directory.resolve("lab"), line -> {});
        RuntimeNode n1 = node(lab, "n1");
        RuntimeNode n2 = node(lab, "n2")) {
      var containerd = Containerd.start(n1, Containerd.Release.V2_4, peers);
      var debian = Containerd.start(n2, Containerd.Release.DEBIAN_1_6, peers);
      var podman = Podman.start(n1, "cbr0");

      Pod a = containerd.run("a");
      Pod b = debian.run("b", new HostPort(8081, ContainerRuntime.PORT));
      Pod c = podman.run("c");

      assertThat(Pods.fetch(containerd, a, b.address())).isEqualTo("b");
      assertThat(Pods.fetch(debian, b, c.address())).isEqualTo("c");
      assertThat(Pods.fetch(podman, c, a.address())).isEqualTo("a");
      containerd.remove(a);
      debian.remove(b);
      podman.remove(c);
    }
  }

  private RuntimeNode node(Lab lab, String name) throws Exception {
    RuntimeNode node =
        RuntimeNode.start(lab.namespace(name), directory.resolve("machines").resolve(name));
    for (String plugin : List.of("bridge", "host-local", "portmap", "loopback")) {
      Files.copy(peers.plugin(plugin), node.at("/opt/cni/bin/" + plugin));
    }
    Files.writeString(
        node.at("/etc/cni/net.d/10-cbr0.conflist"),
        """
        {"cniVersion": "1.0.0", "cniVersions": ["1.0.0", "1.1.0"], "name": "cbr0", "plugins": [
          {"type": "bridge", "bridge": "cni0", "isDefaultGateway": true, "hairpinMode": true, "mtu": 1450,
           "ipam": {"type": "host-local", "subnet": "SUBNET"}},
          {"type": "portmap", "backend": "nftables", "capabilities": {"portMappings": true}}]}
        """
            .replace("SUBNET", lab.status(name).subnets().getFirst()));
    return node;
  }
}
