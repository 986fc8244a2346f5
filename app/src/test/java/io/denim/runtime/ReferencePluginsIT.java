package io.denim.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.lab.Machine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The reference plugins on nodes with Denim's agent, as flanneld's users have them. */
class ReferencePluginsIT {
  @TempDir Path directory;

  @Test
  void theirPodsReachEachOtherThroughTheAgentsBridges() throws Exception {
    // These agents install no plugin of their own.
    try (RuntimeLab lab = RuntimeLab.start(directory, "--v=0")) {
      for (String node : List.of("n1", "n2")) {
        install(lab, node);
      }
      ContainerRuntime containerd = lab.runtime(RuntimeKind.CONTAINERD_2_4, "n1");
      ContainerRuntime debian = lab.runtime(RuntimeKind.CONTAINERD_1_6, "n2");
      ContainerRuntime podman = lab.runtime(RuntimeKind.PODMAN, "n1");

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

  private static void install(RuntimeLab lab, String name) throws Exception {
    Machine node = lab.node(name);
    for (String plugin : List.of("bridge", "host-local", "portmap", "loopback")) {
      Files.copy(lab.peers().plugin(plugin), node.at("/opt/cni/bin/" + plugin));
    }
    Files.writeString(
        node.at("/etc/cni/net.d/10-cbr0.conflist"),
        """
        {"cniVersion": "1.0.0", "cniVersions": ["1.0.0", "1.1.0"], "name": "cbr0", "plugins": [
          {"type": "bridge", "bridge": "cni0", "isDefaultGateway": true, "hairpinMode": true, "mtu": 1450,
           "ipam": {"type": "host-local", "subnet": "SUBNET"}},
          {"type": "portmap", "backend": "nftables", "capabilities": {"portMappings": true}}]}
        """
            .replace("SUBNET", lab.lab().status(name).subnets().getFirst()));
  }
}
