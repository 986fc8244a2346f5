package io.denim.lab;

import io.denim.linux.ns.Namespace;
import io.denim.model.FlannelConfig;
import io.denim.model.SubnetOrigin;
import io.denim.net.Cidr;
import io.denim.net.Family;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Kubernetes' control plane on a host of its own: etcd, API server, controller manager, scheduler
 * and, if wanted, CoreDNS, which pods reach as the service kube-dns.
 */
final class ControlPlane {
  /** The networks of services, as kubeadm's default and one of RFC 4193. */
  static final Cidr SERVICES_V4 = Cidr.parse("10.96.0.0/16");

  static final Cidr SERVICES_V6 = Cidr.parse("fd00:10:96::/112");

  static final String DOMAIN = "cluster.local";

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int DNS = 10;

  /** The names of certificates. */
  static final String ADMIN = "admin";

  static final String AGENT = "agent";
  static final String PROXY = "kube-proxy";
  private static final String SERVER = "kube-apiserver";
  private static final String CONTROLLER = "kube-controller-manager";
  private static final String SCHEDULER = "kube-scheduler";
  private static final String COREDNS = "coredns";

  private final LabConfig config;
  private final FlannelConfig network;
  private final Machine machine;
  private final Peers peers;
  private final Etcd etcd;
  private final Pki pki;
  private final KubernetesApi api;

  /**
   * Makes what it is started with.
   *
   * @param directory the lab's folder
   */
  ControlPlane(
      LabConfig config, Path directory, Machine machine, Namespace namespace, Peers peers) {
    this.config = config;
    this.machine = machine;
    this.peers = peers;
    network = FlannelConfig.parse(config.netConf(), SubnetOrigin.POD_CIDR);
    etcd = new Etcd(machine, namespace, peers, address());
    pki = Pki.make(machine, directory, certificates());
    api = new KubernetesApi(namespace, address(), pki);
  }

  private List<Pki.Wanted> certificates() {
    List<Pki.Wanted> wanted = new ArrayList<>();
    List<IpAddress> addresses = new ArrayList<>(config.addressesOf(LabConfig.CONTROL_PLANE));
    services().forEach(cidr -> addresses.add(cidr.address().plus(1)));
    addresses.add(IpAddress.parse("127.0.0.1"));
    List<String> hosts =
        List.of(
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
            "kubernetes.default.svc." + DOMAIN);
    wanted.add(new Pki.Wanted(SERVER, "/CN=" + SERVER, addresses, hosts));
    wanted.add(Pki.Wanted.client(ADMIN, "/O=system:masters/CN=" + ADMIN));
    for (String each : List.of(CONTROLLER, SCHEDULER, PROXY, COREDNS)) {
      wanted.add(Pki.Wanted.client(each, "/CN=system:" + each));
    }
    // As the service account of kube-flannel.yml, whose rights it has and no others.
    wanted.add(Pki.Wanted.client(AGENT, "/CN=system:serviceaccount:kube-flannel:flannel"));
    for (LabConfig.Node node : config.nodes()) {
      wanted.add(
          new Pki.Wanted(
              node.name(),
              "/O=system:nodes/CN=system:node:" + node.name(),
              config.addressesOf(node.name()),
              List.of(node.name())));
    }
    return wanted;
  }

  /** The certificates. */
  Pki pki() {
    return pki;
  }

  Etcd etcd() {
    return etcd;
  }

  KubernetesApi api() {
    return api;
  }

  /** Where nodes and pods reach the API server. */
  String url() {
    return "https://" + LabHttp.host(address()) + ":" + KubernetesApi.PORT;
  }

  private IpAddress address() {
    return config.controlPlaneAddress().address();
  }

  /** The networks of services, one for each family that pods have. */
  private List<Cidr> services() {
    return families().map(family -> family == Family.IPV4 ? SERVICES_V4 : SERVICES_V6).toList();
  }

  private Stream<Family> families() {
    return Arrays.stream(Family.values()).filter(family -> network.network(family).isPresent());
  }

  /** The networks of pods, joined by commas. */
  String podNetworks() {
    return families()
        .map(family -> network.network(family).orElseThrow().network().toString())
        .collect(Collectors.joining(","));
  }

  /** The address of the name server, as pods know it. */
  IpAddress nameServer() {
    return services().getFirst().address().plus(DNS);
  }

  /** The kubeconfig of one of the users that have certificates. */
  Path kubeconfig(String user) {
    return pki.kubeconfig(user, url());
  }

  /** Starts etcd and the API server and waits until that is ready. */
  void startServer() {
    etcd.start();
    Process server =
        spawn(
            SERVER,
            "--etcd-servers=http://127.0.0.1:" + Etcd.PORT,
            "--bind-address=::",
            "--advertise-address=" + address(),
            "--secure-port=" + KubernetesApi.PORT,
            "--client-ca-file=" + pki.authority(),
            "--tls-cert-file=" + pki.certificate(SERVER),
            "--tls-private-key-file=" + pki.key(SERVER),
            "--kubelet-client-certificate=" + pki.certificate(SERVER),
            "--kubelet-client-key=" + pki.key(SERVER),
            "--kubelet-preferred-address-types=InternalIP",
            "--service-account-key-file=" + pki.accountsPublicKey(),
            "--service-account-signing-key-file=" + pki.accountsKey(),
            "--service-account-issuer=https://kubernetes.default.svc." + DOMAIN,
            "--service-cluster-ip-range=" + joined(services()),
            "--authorization-mode=Node,RBAC",
            "--allow-privileged=true");
    if (!Waiting.until(PATIENCE, Duration.ofMillis(50), () -> api.isReady() || !server.isAlive())) {
      throw new LabException("the API server is not ready; " + LogFile.told(log(SERVER)));
    }
    if (!server.isAlive()) {
      throw new LabException("the API server has ended; " + LogFile.told(log(SERVER)));
    }
  }

  private static String joined(List<Cidr> cidrs) {
    return cidrs.stream().map(Cidr::toString).collect(Collectors.joining(","));
  }

  /** Starts what makes objects lead to deeds; it goes on by itself. */
  void startControllers() {
    List<String> flags =
        new ArrayList<>(
            List.of(
                "--kubeconfig=" + kubeconfig(CONTROLLER),
                "--service-account-private-key-file=" + pki.accountsKey(),
                "--root-ca-file=" + pki.authority(),
                "--use-service-account-credentials=true",
                "--leader-elect=false",
                "--allocate-node-cidrs=true",
                "--cluster-cidr=" + podNetworks(),
                "--service-cluster-ip-range=" + joined(services())));
    boolean dual = families().count() == 2;
    for (Family family : families().toList()) {
      String which = dual ? (family == Family.IPV4 ? "-ipv4" : "-ipv6") : "";
      flags.add("--node-cidr-mask-size" + which + "=" + subnetLength(family));
    }
    spawn(CONTROLLER, flags.toArray(String[]::new));
    spawn(SCHEDULER, "--kubeconfig=" + kubeconfig(SCHEDULER), "--leader-elect=false");
  }

  /** What flannel would divide the network by if Kubernetes did not. */
  private int subnetLength(Family family) {
    JsonNode netConf = JsonMapper.shared().readTree(config.netConf());
    int whole = network.network(family).orElseThrow().network().length();
    int usual = family == Family.IPV4 ? 24 : 64;
    String key = family == Family.IPV4 ? "SubnetLen" : "IPv6SubnetLen";
    return NetConfKeys.find(netConf, key)
        .map(JsonNode::intValue)
        .filter(length -> length > whole)
        .orElse(Math.max(usual, whole + 2));
  }

  /** Starts the name server and makes the service that leads to it. */
  void startDns() {
    String addresses =
        families()
            .flatMap(family -> config.controlPlaneAddress(family).stream())
            .map(address -> address.address().toString())
            .collect(Collectors.joining(" "));
    String conf =
        """
        .:53 {
          bind ADDRESSES
          errors
          kubernetes DOMAIN in-addr.arpa ip6.arpa {
            kubeconfig KUBECONFIG lab
            pods insecure
          }
        }
        """
            .replace("ADDRESSES", addresses)
            .replace("DOMAIN", DOMAIN)
            .replace("KUBECONFIG", kubeconfig(COREDNS).toString());
    Path file = machine.folder().resolve("Corefile");
    try {
      Files.writeString(file, conf);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
    spawn(COREDNS, "-conf", file.toString());
    KubernetesObjects.dns(api, nameServer(), dnsEndpoint());
  }

  private IpAddress dnsEndpoint() {
    return config
        .controlPlaneAddress(nameServer().family())
        .map(InterfaceAddress::address)
        .orElseThrow();
  }

  private Process spawn(String program, String... flags) {
    List<String> command = new ArrayList<>(List.of(peers.program(program).toString()));
    command.addAll(List.of(flags));
    return machine.spawn(log(program), Map.of(), command);
  }

  private Path log(String program) {
    return machine.folder().resolve(program + ".log");
  }
}
