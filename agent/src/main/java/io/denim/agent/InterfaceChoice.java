package io.denim.agent;

import io.denim.agent.AgentOptions.InterfaceOptions;
import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.Route;
import io.denim.model.FlannelConfig;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * The external device and its addresses, chosen as flanneld does.
 *
 * @param device the device's name
 * @param mtu its MTU in octets
 * @param own its address in each family that is on
 * @param published the address in each family that peers send to
 */
record InterfaceChoice(
    String device, int mtu, Map<Family, IpAddress> own, Map<Family, IpAddress> published) {
  /** Copies the maps. */
  InterfaceChoice {
    own = Map.copyOf(own);
    published = Map.copyOf(published);
  }

  /**
   * Chooses.
   *
   * @param lookup the kernel's own answer to which route leads to an address
   * @throws AgentException when none of the ways leads to a device with an address in every family
   *     that is on
   */
  static InterfaceChoice choose(
      InterfaceOptions options,
      FlannelConfig config,
      Host host,
      Function<IpAddress, Optional<Route>> lookup) {
    Found found = host.find(options, config, lookup);
    Map<Family, IpAddress> own = new TreeMap<>();
    Map<Family, IpAddress> published = new TreeMap<>();
    for (Family family : Family.values()) {
      if (config.network(family).isEmpty()) {
        continue;
      }
      IpAddress address =
          found
              .address()
              .filter(fixed -> fixed.family() == family)
              .or(() -> host.usable(found.link(), family).stream().findFirst())
              .orElseThrow(() ->
                  new AgentException(
                      "interface "
                          + found.link().name()
                          + " has no usable "
                          + family
                          + " address; give it one or choose another with --iface"));
      own.put(family, address);
      published.put(family, publicAddress(options, family).orElse(address));
    }
    if (found.link().mtu() <= 0) {
      throw new AgentException("interface " + found.link().name() + " has no MTU");
    }
    return new InterfaceChoice(found.link().name(), found.link().mtu(), own, published);
  }

  private static Optional<IpAddress> publicAddress(InterfaceOptions options, Family family) {
    return switch (family) {
      case IPV4 -> options.publicV4();
      case IPV6 -> options.publicV6();
    };
  }

  /** A device, and the address on it where the way of choosing fixes one. */
  private record Found(Link link, Optional<IpAddress> address) {}

  /** What the kernel has on this host. */
  record Host(List<Link> links, List<LinkAddress> addresses, List<Route> routes) {
    private Found find(
        InterfaceOptions options,
        FlannelConfig config,
        Function<IpAddress, Optional<Route>> lookup) {
      boolean told =
          !options.names().isEmpty()
              || !options.regexes().isEmpty()
              || options.canReach().isPresent();
      if (!told) {
        Optional<IpAddress> wanted = options.publicV4().or(options::publicV6);
        return wanted
            .map(address ->
                holding(address)
                    .orElseThrow(() ->
                        new AgentException(
                            "no interface has the public address "
                                + address
                                + "; for an address behind NAT give --iface as well. "
                                + inventory())))
            .orElseGet(() -> ofDefaultRoute(config));
      }
      return options.names().stream()
          .map(this::named)
          .flatMap(Optional::stream)
          .findFirst()
          .or(() ->
              options.regexes().stream().map(this::matching).flatMap(Optional::stream).findFirst())
          .or(() -> options.canReach().flatMap(lookup).flatMap(this::leading))
          .orElseThrow(() ->
              new AgentException(
                  "no interface matches --iface "
                      + options.names()
                      + ", --iface-regex "
                      + options.regexes()
                      + ", --iface-can-reach "
                      + options.canReach().map(IpAddress::toString).orElse("")
                      + ". "
                      + inventory()));
    }

    private Found ofDefaultRoute(FlannelConfig config) {
      Family family = config.ipv4().isPresent() ? Family.IPV4 : Family.IPV6;
      return routes.stream()
          .filter(route -> route.destination().length() == 0)
          .filter(route -> route.destination().family() == family && !route.hops().isEmpty())
          .min(Comparator.comparingLong(Route::metric))
          .flatMap(route -> byIndex(route.hops().getFirst().oif()))
          .map(link -> new Found(link, Optional.empty()))
          .orElseThrow(() ->
              new AgentException(
                  "there is no "
                      + family
                      + " default route to choose the interface by; name it with --iface. "
                      + inventory()));
    }

    private Optional<Found> leading(Route route) {
      return route.hops().stream()
          .findFirst()
          .flatMap(hop -> byIndex(hop.oif()))
          .map(link -> new Found(link, route.source()));
    }

    private Optional<Found> named(String text) {
      return IpAddress.tryParse(text)
          .map(this::holding)
          .orElseGet(() ->
              links.stream()
                  .filter(link -> link.name().equals(text))
                  .findFirst()
                  .map(link -> new Found(link, Optional.empty())));
    }

    private Optional<Found> holding(IpAddress address) {
      return addresses.stream()
          .filter(a -> a.address().address().equals(address))
          .findFirst()
          .flatMap(a -> byIndex(a.ifindex()))
          .map(link -> new Found(link, Optional.of(address)));
    }

    private Optional<Found> matching(String regex) {
      Predicate<String> matches;
      try {
        matches = Pattern.compile(regex).asPredicate();
      } catch (PatternSyntaxException e) {
        throw new AgentException(
            "--iface-regex \"" + regex + "\" is no regular expression: " + e.getDescription());
      }
      for (Link link : links) {
        for (Family family : Family.values()) {
          Optional<IpAddress> address =
              usable(link, family).stream().filter(a -> matches.test(a.toString())).findFirst();
          if (address.isPresent()) {
            return Optional.of(new Found(link, address));
          }
        }
      }
      return links.stream()
          .filter(link -> matches.test(link.name()))
          .findFirst()
          .map(link -> new Found(link, Optional.empty()));
    }

    private Optional<Link> byIndex(int index) {
      return links.stream().filter(link -> link.index() == index).findFirst();
    }

    /**
     * A device's addresses, the best first: global before link-local, permanent before others,
     * lasting before temporary.
     */
    List<IpAddress> usable(Link link, Family family) {
      return addresses.stream()
          .filter(a -> a.ifindex() == link.index() && !a.deprecated())
          .filter(a -> a.address().address().family() == family)
          .filter(a -> !a.address().address().isLoopback())
          .sorted(
              Comparator.comparing((LinkAddress a) -> a.address().address().isLinkLocal())
                  .thenComparing(a -> !a.permanent())
                  .thenComparing(LinkAddress::temporary))
          .map(a -> a.address().address())
          .toList();
    }

    private String inventory() {
      List<String> all = new ArrayList<>();
      for (Link link : links) {
        List<String> own =
            addresses.stream()
                .filter(a -> a.ifindex() == link.index())
                .map(a -> a.address().toString())
                .toList();
        all.add(link.name() + " " + own);
      }
      return "Present: " + String.join(", ", all);
    }
  }
}
