package io.denim.bgp.config;

import io.denim.bgp.policy.Policy;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Builds a {@link PeerConfig}; what is not said is as {@link PeerConfig#of} has it. Not
 * thread-safe.
 */
public final class PeerBuilder {
  private String name;
  private IpAddress address;
  private Optional<String> device = Optional.empty();
  private int port = Listener.BGP_PORT;
  private Optional<IpAddress> localAddress = Optional.empty();
  private RemoteAs as;
  private OptionalLong localAs = OptionalLong.empty();
  private boolean passive = false;
  private Timers timers = Timers.DEFAULT;
  private Optional<String> password = Optional.empty();
  private Ttl ttl = Ttl.DEFAULT;
  private boolean client = false;
  private Optional<IpAddress> clusterId = Optional.empty();
  private NextHopMode nextHop = NextHopMode.AUTOMATIC;
  private Map<Family, FamilyConfig> families;
  private Policy importPolicy = Policy.ACCEPT_ALL;
  private Policy exportPolicy = Policy.ACCEPT_ALL;
  private int allowOwnAs = 0;
  private boolean enforceFirstAs = true;
  private GracefulRestart gracefulRestart = GracefulRestart.DEFAULT;
  private Optional<Role> role = Optional.empty();
  private boolean extendedMessages = true;
  private boolean bfd = false;
  private boolean shutdown = false;
  private String description = "";

  PeerBuilder(String name, IpAddress address, RemoteAs as) {
    this.name = name;
    this.address = address;
    this.as = as;
    families = Map.of(address.family(), FamilyConfig.PLAIN);
  }

  PeerBuilder(PeerConfig from) {
    name = from.name();
    address = from.address();
    device = from.device();
    port = from.port();
    localAddress = from.localAddress();
    as = from.as();
    localAs = from.localAs();
    passive = from.passive();
    timers = from.timers();
    password = from.password();
    ttl = from.ttl();
    client = from.client();
    clusterId = from.clusterId();
    nextHop = from.nextHop();
    families = from.families();
    importPolicy = from.importPolicy();
    exportPolicy = from.exportPolicy();
    allowOwnAs = from.allowOwnAs();
    enforceFirstAs = from.enforceFirstAs();
    gracefulRestart = from.gracefulRestart();
    role = from.role();
    extendedMessages = from.extendedMessages();
    bfd = from.bfd();
    shutdown = from.shutdown();
    description = from.description();
  }

  /** Under this name. */
  public PeerBuilder name(String name) {
    this.name = name;
    return this;
  }

  /** At this address; the families stay as they are. */
  public PeerBuilder address(IpAddress address) {
    this.address = address;
    return this;
  }

  /** At this interface, where its address is link-local. */
  public PeerBuilder device(String device) {
    this.device = Optional.of(device);
    return this;
  }

  /** At this port. */
  public PeerBuilder port(int port) {
    this.port = port;
    return this;
  }

  /** Dialled from this address. */
  public PeerBuilder localAddress(IpAddress from) {
    localAddress = Optional.of(from);
    return this;
  }

  /** Of this AS. */
  public PeerBuilder as(RemoteAs as) {
    this.as = as;
    return this;
  }

  /** With this AS of the speaker on the session. */
  public PeerBuilder localAs(long number) {
    localAs = OptionalLong.of(number);
    return this;
  }

  /** Whether this side waits to be dialled. */
  public PeerBuilder passive(boolean passive) {
    this.passive = passive;
    return this;
  }

  /** With these times. */
  public PeerBuilder timers(Timers timers) {
    this.timers = timers;
    return this;
  }

  /** Without a key. */
  public PeerBuilder noPassword() {
    password = Optional.empty();
    return this;
  }

  /** With this key of the TCP MD5 signature. */
  public PeerBuilder password(String key) {
    password = Optional.of(key);
    return this;
  }

  /** This far away. */
  public PeerBuilder ttl(Ttl ttl) {
    this.ttl = ttl;
    return this;
  }

  /** Whether it is a client of this reflector. */
  public PeerBuilder client(boolean client) {
    this.client = client;
    return this;
  }

  /** As a client in this cluster. */
  public PeerBuilder clusterId(IpAddress id) {
    clusterId = Optional.of(id);
    return this;
  }

  /** With these next hops. */
  public PeerBuilder nextHop(NextHopMode nextHop) {
    this.nextHop = nextHop;
    return this;
  }

  /** With these families only. */
  public PeerBuilder families(Map<Family, FamilyConfig> these) {
    families = Map.copyOf(these);
    return this;
  }

  /** With this family, too, or with other options of it. */
  public PeerBuilder family(Family family, FamilyConfig options) {
    Map<Family, FamilyConfig> more = new HashMap<>(families);
    more.put(family, options);
    return families(more);
  }

  /** With both families, without options. */
  public PeerBuilder bothFamilies() {
    return family(Family.IPV4, FamilyConfig.PLAIN).family(Family.IPV6, FamilyConfig.PLAIN);
  }

  /** With this policy for what it announces. */
  public PeerBuilder importPolicy(Policy importPolicy) {
    this.importPolicy = importPolicy;
    return this;
  }

  /** With this policy for what it is announced. */
  public PeerBuilder exportPolicy(Policy exportPolicy) {
    this.exportPolicy = exportPolicy;
    return this;
  }

  /** Taking paths that have the speaker's own AS this often. */
  public PeerBuilder allowOwnAs(int allowOwnAs) {
    this.allowOwnAs = allowOwnAs;
    return this;
  }

  /** Whether its paths must begin with its AS. */
  public PeerBuilder enforceFirstAs(boolean enforceFirstAs) {
    this.enforceFirstAs = enforceFirstAs;
    return this;
  }

  /** With this graceful restart. */
  public PeerBuilder gracefulRestart(GracefulRestart gracefulRestart) {
    this.gracefulRestart = gracefulRestart;
    return this;
  }

  /** With this role of the speaker. */
  public PeerBuilder role(Role what) {
    role = Optional.of(what);
    return this;
  }

  /** Whether messages beyond 4096 octets are offered. */
  public PeerBuilder extendedMessages(boolean extendedMessages) {
    this.extendedMessages = extendedMessages;
    return this;
  }

  /** Whether BFD watches the way. */
  public PeerBuilder bfd(boolean bfd) {
    this.bfd = bfd;
    return this;
  }

  /** Whether it is held down. */
  public PeerBuilder shutdown(boolean shutdown) {
    this.shutdown = shutdown;
    return this;
  }

  /** With these words for people. */
  public PeerBuilder description(String description) {
    this.description = description;
    return this;
  }

  /**
   * The peer.
   *
   * @throws IllegalArgumentException when a field is wrong, by itself or beside another
   */
  public PeerConfig build() {
    return new PeerConfig(
        name,
        address,
        device,
        port,
        localAddress,
        as,
        localAs,
        passive,
        timers,
        password,
        ttl,
        client,
        clusterId,
        nextHop,
        families,
        importPolicy,
        exportPolicy,
        allowOwnAs,
        enforceFirstAs,
        gracefulRestart,
        role,
        extendedMessages,
        bfd,
        shutdown,
        description);
  }
}
