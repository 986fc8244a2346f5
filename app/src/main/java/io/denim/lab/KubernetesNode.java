package io.denim.lab;

import io.denim.net.IpAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A node of a lab's Kubernetes: containerd, kubelet and kube-proxy on a machine. */
final class KubernetesNode {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String SOCKET = "/run/containerd/containerd.sock";

  private final Machine machine;
  private final Peers peers;

  KubernetesNode(Machine machine, Peers peers) {
    this.machine = machine;
    this.peers = peers;
  }

  /** Starts containerd and gives it images. */
  void startRuntime(Path images) {
    Path file =
        write(
            "containerd.toml",
            """
            version = 3
            root = "/var/lib/containerd"
            state = "/run/containerd"
            [grpc]
              address = "SOCKET"
            [plugins.'io.containerd.cri.v1.images'.pinned_images]
              sandbox = "PAUSE"
            [plugins.'io.containerd.cri.v1.runtime']
              # Root in a container of its own may lack CAP_SYS_RESOURCE.
              restrict_oom_score_adj = true
            [plugins.'io.containerd.cri.v1.runtime'.cni]
              bin_dirs = ["/opt/cni/bin"]
              conf_dir = "/etc/cni/net.d"
            """
                .replace("SOCKET", SOCKET)
                .replace("PAUSE", ImageArchive.PAUSE));
    Process containerd = spawn("containerd", "--config", file.toString());
    boolean answers =
        Waiting.until(PATIENCE, () -> Files.exists(machine.at(SOCKET)) || !containerd.isAlive());
    if (!answers || !containerd.isAlive()) {
      throw new LabException("containerd does not run; " + LogFile.told(log("containerd")));
    }
    machine.run(
        peers.program("ctr").toString(),
        "--address",
        SOCKET,
        "--namespace",
        "k8s.io",
        "images",
        "import",
        "--local",
        images.toString());
  }

  /** Starts the kubelet, which registers the node. */
  void startKubelet(List<IpAddress> addresses, ControlPlane control) {
    machine.createCgroup();
    Pki pki = control.pki();
    Path file =
        write(
            "kubelet.yaml",
            """
            apiVersion: kubelet.config.k8s.io/v1beta1
            kind: KubeletConfiguration
            address: "::"
            failCgroupV1: false
            failSwapOn: false
            cgroupDriver: cgroupfs
            cgroupRoot: CGROUP
            enforceNodeAllocatable: [pods]
            evictionHard: {}
            localStorageCapacityIsolation: false
            maxPods: 200
            kubeAPIQPS: 200
            kubeAPIBurst: 400
            serializeImagePulls: false
            resolvConf: ""
            volumePluginDir: /var/lib/kubelet/volumeplugins
            containerRuntimeEndpoint: unix://SOCKET
            clusterDNS: ["NAMESERVER"]
            clusterDomain: DOMAIN
            authentication:
              anonymous: {enabled: false}
              webhook: {enabled: true}
              x509: {clientCAFile: "AUTHORITY"}
            authorization: {mode: Webhook}
            tlsCertFile: "CERTIFICATE"
            tlsPrivateKeyFile: "KEY"
            """
                .replace("CGROUP", machine.cgroup())
                .replace("SOCKET", SOCKET)
                .replace("NAMESERVER", control.nameServer().toString())
                .replace("DOMAIN", ControlPlane.DOMAIN)
                .replace("AUTHORITY", pki.authority().toString())
                .replace("CERTIFICATE", pki.certificate(machine.name()).toString())
                .replace("KEY", pki.key(machine.name()).toString()));
    spawn(
        "kubelet",
        "--config=" + file,
        "--kubeconfig=" + control.kubeconfig(machine.name()),
        "--hostname-override=" + machine.name(),
        "--node-ip="
            + addresses.stream().map(IpAddress::toString).collect(Collectors.joining(",")));
  }

  /** Starts kube-proxy, which waits for the node to be registered. */
  void startProxy(ControlPlane control) {
    Path file =
        write(
            "kube-proxy.yaml",
            """
            apiVersion: kubeproxy.config.k8s.io/v1alpha1
            kind: KubeProxyConfiguration
            mode: nftables
            clusterCIDR: "PODS"
            hostnameOverride: NODE
            clientConnection: {kubeconfig: "KUBECONFIG"}
            # They are the whole host's.
            conntrack: {maxPerCore: 0}
            """
                .replace("PODS", control.podNetworks())
                .replace("NODE", machine.name())
                .replace("KUBECONFIG", control.kubeconfig(ControlPlane.PROXY).toString()));
    spawn("kube-proxy", "--config=" + file);
  }

  private Process spawn(String program, String... flags) {
    List<String> command = new ArrayList<>(List.of(peers.program(program).toString()));
    command.addAll(List.of(flags));
    return machine.spawn(log(program), Map.of(), command);
  }

  private Path log(String program) {
    return machine.folder().resolve(program + ".log");
  }

  private Path write(String name, String text) {
    Path file = machine.folder().resolve(name);
    try {
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
