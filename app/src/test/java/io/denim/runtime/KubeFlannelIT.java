package io.denim.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.lab.LabConfig;
import io.denim.linux.ns.Namespace;
import io.denim.net.IpAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The configuration that kube-flannel installs, as it stands, answered by Denim. */
class KubeFlannelIT {
  /** kube-flannel.yml of flannel 0.28.9, ConfigMap kube-flannel-cfg. */
  private static final String CONFLIST =
      """
      {
        "name": "cbr0",
        "cniVersion": "0.3.1",
        "plugins": [
          {
            "type": "flannel",
            "delegate": {
              "hairpinMode": true,
              "isDefaultGateway": true
            }
          },
          {
            "type": "portmap",
            "capabilities": {
              "portMappings": true
            }
          }
        ]
      }
      """;

  @TempDir private static Path directory;
  private static RuntimeLab lab;

  @BeforeAll
  static void twoNodesWithFlannelsConflist() throws Exception {
    lab = RuntimeLab.start(directory, "--cni-bin-dir=/opt/cni/bin");
    for (String node : new String[] {"n1", "n2"}) {
      Files.writeString(lab.node(node).at("/etc/cni/net.d/10-flannel.conflist"), CONFLIST);
    }
  }

  @AfterAll
  static void gone() {
    lab.close();
  }

  @ParameterizedTest
  @EnumSource
  void podsHaveWhatFlannelWouldGiveThem(RuntimeKind kind) {
    ContainerRuntime n1 = lab.runtime(kind, "n1");
    ContainerRuntime n2 = lab.runtime(kind, "n2");
    int port = kind.port();
    Pod a = n1.run(kind.pod("a"), new HostPort(port, ContainerRuntime.PORT));
    Pod b = n2.run(kind.pod("b"));
    IpAddress node = lab.lab().state().member("n1").address();
    Namespace outside = lab.lab().namespace(LabConfig.OUTSIDE);
    Path scratch = lab.node("n1").at("/var/lib/cni/flannel/" + a.sandbox());
    Path reservation = lab.node("n1").at("/var/lib/cni/networks/cbr0/" + a.address());

    assertThat(Pods.fetch(n1, a, b.address())).isEqualTo(b.name());
    assertThat(Pods.fetch(n2, b, a.address())).isEqualTo(a.name());
    assertThat(Pods.fetch(outside, node, port)).isEqualTo(a.name());
    assertThat(scratch).exists();
    assertThat(reservation).exists();
    n1.remove(a);
    n2.remove(b);
    assertThat(scratch).doesNotExist();
    assertThat(reservation).doesNotExist();
    assertThat(Pods.fetch(outside, node, port)).contains("refused");
  }
}
