package io.denim.cli;

import io.denim.net.IpAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What {@code denim agent} was told, by flanneld's flags, its environment, and Denim's own flags.
 * Values are of the right type and in range; whether an interface or a file exists is not known
 * here.
 *
 * @param netConfigPath flannel's network configuration: Kubernetes' one, and the first of an
 *     embedded store
 * @param ifaces names or addresses, to be tried in this order, before...
 * @param ifaceRegexes ... regular expressions, before...
 * @param ifaceCanReach ... the interface that leads to this address
 * @param publicIp the IPv4 address that others reach this node by
 * @param publicIpv6 the IPv6 address that others reach this node by
 * @param subnetFile where subnet.env goes
 * @param subnetLeaseRenewMargin time before its expiry when a lease is renewed, 1 to 1439 minutes
 * @param ipMasq whether to masquerade what leaves the pod network
 * @param ipMasqFullyRandom whether masquerading picks source ports fully at random
 * @param forwardRules whether to accept forwarded traffic of the pod network
 * @param resync time between looks at all kernel objects
 * @param blackholeRoute whether the node's own subnet gets a blackhole route
 * @param healthzIp address of the health server
 * @param healthzPort its port; 0: none
 * @param verbosity klog's -v: 0 info, 1 to 4 debug, above trace
 * @param nodeName this node's name
 * @param dataDir the folder for what outlives the agent
 * @param network where the network is kept
 * @param socket the Unix socket of the agent's API
 * @param cniSocket the Unix socket that denim-cni calls
 * @param cniDataDir the folder of the files of pod addresses
 * @param contained whether the agent is in a container that sees little of its node
 * @param netns the network namespace to work in, as a path; empty: the process's own
 * @param cniConfDir where the conflist is installed; empty: nowhere
 * @param cniBinDir where the CNI plugin is installed; empty: nowhere
 * @param logFormat how log lines look
 * @param version whether only the version was asked for
 * @param help whether only help was asked for
 * @param warnings what was given and is accepted without effect, a sentence each
 */
public record FlanneldOptions(
    Path netConfigPath,
    List<String> ifaces,
    List<String> ifaceRegexes,
    Optional<IpAddress> ifaceCanReach,
    Optional<IpAddress> publicIp,
    Optional<IpAddress> publicIpv6,
    Path subnetFile,
    Duration subnetLeaseRenewMargin,
    boolean ipMasq,
    boolean ipMasqFullyRandom,
    boolean forwardRules,
    Duration resync,
    boolean blackholeRoute,
    IpAddress healthzIp,
    int healthzPort,
    int verbosity,
    String nodeName,
    Path dataDir,
    NetworkSource network,
    Path socket,
    Path cniSocket,
    Path cniDataDir,
    boolean contained,
    Optional<Path> netns,
    Optional<Path> cniConfDir,
    Optional<Path> cniBinDir,
    LogFormat logFormat,
    boolean version,
    boolean help,
    List<String> warnings) {

  /** Keeps copies of the lists. */
  public FlanneldOptions {
    ifaces = List.copyOf(ifaces);
    ifaceRegexes = List.copyOf(ifaceRegexes);
    warnings = List.copyOf(warnings);
  }

  /**
   * Reads a command line and an environment.
   *
   * @param words what follows {@code denim agent}
   * @param environment all variables of the process
   * @param hostName asked only when neither flag nor environment name the node
   * @throws CommandException with exit code 2, naming the flag or variable, its value and what is
   *     allowed
   */
  public static FlanneldOptions parse(
      List<String> words, Map<String, String> environment, Supplier<String> hostName) {
    var values = new FlagValues(GoFlags.read(words, environment));
    Path dataDir = values.path(FlanneldFlag.DATA_DIR).orElseThrow();
    return new FlanneldOptions(
        values.path(FlanneldFlag.NET_CONFIG_PATH).orElseThrow(),
        values.interfaces(),
        values.regexes(),
        values.address(FlanneldFlag.IFACE_CAN_REACH),
        values.publicIp(),
        values.publicIpv6(),
        values.path(FlanneldFlag.SUBNET_FILE).orElseThrow(),
        Duration.ofMinutes(values.number(FlanneldFlag.SUBNET_LEASE_RENEW_MARGIN, 1, 1439)),
        values.bool(FlanneldFlag.IP_MASQ),
        !values.bool(FlanneldFlag.IP_MASQ_FULLY_RANDOM_DISABLE),
        values.bool(FlanneldFlag.IPTABLES_FORWARD_RULES),
        Duration.ofSeconds(values.number(FlanneldFlag.IPTABLES_RESYNC, 1, 86_400)),
        values.bool(FlanneldFlag.IP_BLACKHOLE_ROUTE),
        values.address(FlanneldFlag.HEALTHZ_IP).orElse(IpAddress.ANY_V4),
        values.number(FlanneldFlag.HEALTHZ_PORT, 0, 65_535),
        values.number(FlanneldFlag.V, 0, Integer.MAX_VALUE),
        values.nodeName(environment, hostName),
        dataDir,
        values.network(environment, dataDir.resolve("store")),
        values.path(FlanneldFlag.SOCKET).orElseThrow(),
        values.path(FlanneldFlag.CNI_SOCKET).orElseThrow(),
        values.path(FlanneldFlag.CNI_DATA_DIR).orElseThrow(),
        values.bool(FlanneldFlag.CONTAINED),
        values.path(FlanneldFlag.NETNS),
        values.path(FlanneldFlag.CNI_CONF_DIR),
        values.path(FlanneldFlag.CNI_BIN_DIR),
        values.logFormat(),
        values.bool(FlanneldFlag.VERSION),
        values.bool(FlanneldFlag.HELP),
        values.warnings(environment));
  }
}
