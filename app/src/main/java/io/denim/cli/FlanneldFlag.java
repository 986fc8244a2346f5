package io.denim.cli;

import io.denim.network.kubernetes.KubernetesOptions;
import io.denim.store.etcd.EtcdOptions;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The flags of {@code denim agent}: flanneld's (0.28) in the order of its help, then Denim's own.
 * Each of flanneld's may also be given in the environment, see {@link #variable}.
 */
enum FlanneldFlag {
  KUBE_SUBNET_MGR(Kind.BOOL, Use.FLANNELD, "", "Contact the Kubernetes API for subnet assignment"),
  KUBE_API_URL(Kind.TEXT, Use.FLANNELD, "", "URL of the Kubernetes API server"),
  KUBECONFIG_FILE(Kind.TEXT, Use.FLANNELD, "", "kubeconfig file"),
  KUBE_ANNOTATION_PREFIX(
      Kind.TEXT,
      Use.FLANNELD,
      KubernetesOptions.ANNOTATION_PREFIX,
      "Prefix of the node annotations"),
  ETCD_ENDPOINTS(
      Kind.TEXT, Use.FLANNELD, EtcdOptions.DEFAULT_ENDPOINTS, "Comma-separated etcd endpoints"),
  ETCD_PREFIX(Kind.TEXT, Use.FLANNELD, EtcdOptions.DEFAULT_PREFIX, "etcd key prefix"),
  ETCD_KEYFILE(Kind.TEXT, Use.FLANNELD, "", "TLS key for etcd"),
  ETCD_CERTFILE(Kind.TEXT, Use.FLANNELD, "", "TLS certificate for etcd"),
  ETCD_CAFILE(Kind.TEXT, Use.FLANNELD, "", "TLS certificate authority for etcd"),
  ETCD_USERNAME(Kind.TEXT, Use.FLANNELD, "", "User name for etcd"),
  ETCD_PASSWORD(Kind.TEXT, Use.FLANNELD, "", "Password for etcd"),
  NET_CONFIG_PATH(
      Kind.TEXT,
      Use.FLANNELD,
      "/etc/kube-flannel/net-conf.json",
      "flannel's network configuration: with --kube-subnet-mgr the one in force, followed live;"
          + " an embedded store that holds none begins with it"),
  SET_NODE_NETWORK_UNAVAILABLE(
      Kind.BOOL, Use.FLANNELD, "true", "Clear the node condition NetworkUnavailable"),
  IFACE(
      Kind.LIST,
      Use.FLANNELD,
      "",
      "Interface (name or address) for traffic between hosts; may be given several times, the"
          + " first that exists is taken"),
  IFACE_REGEX(
      Kind.LIST,
      Use.FLANNELD,
      "",
      "As --iface, by regular expression on addresses and then on names; tried after all --iface"),
  IFACE_CAN_REACH(
      Kind.TEXT, Use.FLANNELD, "", "The interface by which this address is reached; tried last"),
  PUBLIC_IP(Kind.TEXT, Use.FLANNELD, "", "IPv4 address that other nodes reach this one by"),
  PUBLIC_IPV6(Kind.TEXT, Use.FLANNELD, "", "IPv6 address that other nodes reach this one by"),
  SUBNET_FILE(
      Kind.TEXT, Use.FLANNELD, "/run/flannel/subnet.env", "File for subnet, MTU and masquerade"),
  SUBNET_LEASE_RENEW_MARGIN(
      Kind.INT, Use.FLANNELD, "60", "Minutes before expiry when the lease is renewed, 1 to 1439"),
  IP_MASQ(Kind.BOOL, Use.FLANNELD, "false", "Masquerade traffic that leaves the pod network"),
  IP_MASQ_FULLY_RANDOM_DISABLE(
      Kind.BOOL, Use.FLANNELD, "false", "Masquerade without fully random ports"),
  IPTABLES_FORWARD_RULES(
      Kind.BOOL, Use.FLANNELD, "true", "Rules that accept forwarded traffic of the pod network"),
  IPTABLES_RESYNC(
      Kind.INT,
      Use.FLANNELD,
      "60",
      "Seconds between looks at all kernel objects, beside what the kernel reports at once"),
  IP_BLACKHOLE_ROUTE(
      Kind.BOOL, Use.FLANNELD, "false", "A blackhole route for the node's own subnet"),
  HEALTHZ_IP(Kind.TEXT, Use.FLANNELD, "0.0.0.0", "Address of the health server"),
  HEALTHZ_PORT(Kind.INT, Use.FLANNELD, "0", "Port of the health server, 0: none"),
  V(Kind.INT, Use.FLANNELD, "0", "Log level: 0 info, 1 to 4 debug, above trace"),
  VMODULE(Kind.TEXT, Use.WITHOUT_EFFECT, "", "Log level by Go source file"),
  LOG_BACKTRACE_AT(Kind.TEXT, Use.WITHOUT_EFFECT, "", "Stack trace at a line of Go source"),
  VERSION(Kind.BOOL, Use.FLANNELD, "false", "Print the version and exit"),
  NODE_NAME(
      Kind.TEXT, Use.DENIM, "", "Name of this node; without it $NODE_NAME, else the host name"),
  DATA_DIR(Kind.TEXT, Use.DENIM, "/var/lib/denim", "Folder for what outlives the agent"),
  STORE_DIR(Kind.TEXT, Use.DENIM, "", "Folder of the embedded store; without it DATA_DIR/store"),
  SOCKET(Kind.TEXT, Use.DENIM, "/run/denim/agent.sock", "Unix socket of the agent's API"),
  CNI_SOCKET(Kind.TEXT, Use.DENIM, "/run/denim/cni.sock", "Unix socket that denim-cni calls"),
  CNI_DATA_DIR(
      Kind.TEXT,
      Use.DENIM,
      "/var/lib/cni/networks",
      "Folder of the files of pod addresses, the reference plugin's host-local"),
  CONTAINED(
      Kind.BOOL,
      Use.DENIM,
      "false",
      "The agent is in a container that sees little of its node: denim-cni hands it the rest"),
  NETNS(Kind.TEXT, Use.DENIM, "", "Network namespace to work in, as a path; without it the own"),
  CNI_CONF_DIR(
      Kind.TEXT,
      Use.DENIM,
      "",
      "Folder where 05-denim.conflist is installed and kept, such as /etc/cni/net.d; without it"
          + " none is"),
  CNI_BIN_DIR(
      Kind.TEXT,
      Use.DENIM,
      "",
      "Folder where the CNI plugin is installed, such as /opt/cni/bin; without it it is not"),
  LOG_FORMAT(Kind.TEXT, Use.DENIM, "text", "Log lines as text or json"),
  HELP(Kind.BOOL, Use.DENIM, "false", "Show this help and exit");

  /** What values a flag takes. */
  enum Kind {
    /** true or false, after "=" only; without a value: true. */
    BOOL,
    /** A whole number. */
    INT,
    /** A text; given again, the last one counts. */
    TEXT,
    /** A text; given again, all count. */
    LIST
  }

  /** Whose flag it is and what becomes of it. */
  enum Use {
    /** flanneld's, and means the same here. */
    FLANNELD,
    /**
     * flanneld's, accepted so that a command line works as it is; there is nothing to do for it.
     */
    WITHOUT_EFFECT,
    /** Denim's own; not read from the environment. */
    DENIM
  }

  private final Kind kind;
  private final Use use;
  private final String fallback;
  private final String help;

  FlanneldFlag(Kind kind, Use use, String fallback, String help) {
    this.kind = kind;
    this.use = use;
    this.fallback = fallback;
    this.help = help;
  }

  /** The flag of this name, which is without dashes in front. */
  static Optional<FlanneldFlag> named(String name) {
    return Arrays.stream(values()).filter(each -> each.flagName().equals(name)).findFirst();
  }

  Kind kind() {
    return kind;
  }

  Use use() {
    return use;
  }

  /** The value when none is given; empty when there is none. */
  String fallback() {
    return fallback;
  }

  String help() {
    return help;
  }

  /** The name without dashes in front. */
  String flagName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-').replace("log-backtrace-at", LOG_AT);
  }

  /** The environment variable that stands in for the flag; empty for Denim's own flags. */
  Optional<String> variable() {
    return use == Use.DENIM
        ? Optional.empty()
        : Optional.of("FLANNELD_" + flagName().replace('-', '_').toUpperCase(Locale.ROOT));
  }

  // The one name that has underscores.
  private static final String LOG_AT = "log_backtrace_at";
}
