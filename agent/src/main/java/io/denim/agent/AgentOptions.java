package io.denim.agent;

import io.denim.attach.Folders;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import io.denim.state.LocalNode.RuleOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an agent is told by its command line.
 *
 * @param node this node's name, the same after a restart
 * @param interfaces how the external device is chosen
 * @param subnetFile where subnet.env goes
 * @param dataDir the folder for what outlives the agent
 * @param socket the Unix socket of its API, empty for none
 * @param cniSocket the Unix socket of its CNI plugin, empty for none
 * @param attachments where it keeps what it attaches
 * @param contained whether the agent runs in a container that sees little of its node, as in
 *     flannel's DaemonSet
 * @param rules which rules are wanted
 * @param renewMargin how long before its end a lease is renewed
 * @param resync how often all kernel objects are looked at without any hint
 */
public record AgentOptions(
    String node,
    InterfaceOptions interfaces,
    Path subnetFile,
    Path dataDir,
    Optional<Path> socket,
    Optional<Path> cniSocket,
    Folders attachments,
    boolean contained,
    RuleOptions rules,
    Duration renewMargin,
    Duration resync) {
  /**
   * flannel's ways to choose the external device, tried in this order; with none given it is the
   * one of the default route.
   *
   * @param names names or addresses
   * @param regexes regular expressions over addresses, then over names
   * @param canReach the device that leads to this address
   * @param publicV4 the address to publish for IPv4, instead of the device's own
   * @param publicV6 the same for IPv6
   */
  public record InterfaceOptions(
      List<String> names,
      List<String> regexes,
      Optional<IpAddress> canReach,
      Optional<IpAddress> publicV4,
      Optional<IpAddress> publicV6) {
    /** The device of the default route. */
    public static final InterfaceOptions BY_DEFAULT_ROUTE =
        new InterfaceOptions(
            List.of(), List.of(), Optional.empty(), Optional.empty(), Optional.empty());

    /** These options with addresses that win over the published ones. */
    InterfaceOptions with(Map<Family, IpAddress> published) {
      return published.isEmpty()
          ? this
          : new InterfaceOptions(
              names,
              regexes,
              canReach,
              Optional.ofNullable(published.get(Family.IPV4)).or(() -> publicV4),
              Optional.ofNullable(published.get(Family.IPV6)).or(() -> publicV6));
    }

    /** Copies the lists. */
    public InterfaceOptions {
      names = List.copyOf(names);
      regexes = List.copyOf(regexes);
    }
  }

  /**
   * The options of a lab's node: all files below one folder, masquerading on, the device of the
   * default route.
   */
  public static AgentOptions of(String node, Path directory) {
    return new AgentOptions(
        node,
        InterfaceOptions.BY_DEFAULT_ROUTE,
        directory.resolve("subnet.env"),
        directory,
        Optional.of(directory.resolve("agent.sock")),
        Optional.of(directory.resolve("cni.sock")),
        Folders.below(directory),
        false,
        new RuleOptions(true, true, true, false),
        Duration.ofMinutes(60),
        Duration.ofMinutes(1));
  }
}
