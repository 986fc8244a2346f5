package io.denim.router;

import io.denim.bgp.rib.PathView;
import io.denim.bgp.rib.RoutePage;
import io.denim.bgp.rib.RouteView;
import io.denim.bgp.speaker.Speaker;
import io.denim.bgp.wire.AttributeSet;
import io.denim.bgp.wire.Community;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What a speaker's tables hold, for people: so many routes at a time that it is not held up. */
final class Routes {
  private final Speaker speaker;
  private final Instant now;

  /** Routes of a speaker. */
  Routes(Speaker speaker, Instant now) {
    this.speaker = speaker;
    this.now = now;
  }

  /**
   * Which prefixes a word means: of a prefix itself and those inside, of an address those that it
   * is in, of no word all.
   *
   * @throws RouterException when it is neither
   */
  static Predicate<Cidr> prefixes(String word) {
    if (word.isEmpty()) {
      return _ -> true;
    }
    Optional<Cidr> prefix = Cidr.tryParse(word);
    if (prefix.isPresent()) {
      return prefix.get()::contains;
    }
    Optional<IpAddress> address = IpAddress.tryParse(word);
    if (address.isPresent()) {
      return cidr -> cidr.contains(address.get());
    }
    throw new RouterException(
        "\"" + word + "\" is no prefix; allowed: such as 10.0.0.0/8, or an address inside of one");
  }

  /**
   * Paths to prefixes.
   *
   * @param from the peer by whose paths; empty for all
   * @param most so many prefixes at most
   */
  List<RouteRow> known(Predicate<Cidr> prefixes, Optional<String> from, int most) {
    List<RouteView> found = new ArrayList<>();
    Optional<RoutePage.Place> place = Optional.of(RoutePage.Place.START);
    while (place.isPresent() && found.size() < most) {
      RoutePage page = speaker.page(place.get(), prefixes, from);
      found.addAll(page.routes());
      place = page.next();
    }
    return found.stream()
        .sorted((one, other) -> one.prefix().compareTo(other.prefix()))
        .limit(most)
        .flatMap(route -> route.paths().stream().map(path -> row(route.prefix(), path)))
        .toList();
  }

  /** What a peer is told; empty when there is no session with it. */
  Optional<List<RouteRow>> told(Predicate<Cidr> prefixes, String peer, int most) {
    return speaker
        .told(peer)
        .map(all ->
            new TreeMap<>(all)
                .entrySet().stream()
                    .filter(route -> prefixes.test(route.getKey()))
                    .limit(most)
                    .flatMap(
                        route -> route.getValue().stream().map(set -> row(route.getKey(), set)))
                    .toList());
  }

  private RouteRow row(Cidr prefix, PathView path) {
    AttributeSet set = path.attributes();
    String from = path.kind().isEmpty() ? path.from().name() : path.kind();
    String state = path.state().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return new RouteRow(
        prefix.toString(),
        nextHop(set),
        from,
        localPref(set),
        med(set),
        set.asPath().toString(),
        communities(set),
        now.minusSeconds(path.seconds()).truncatedTo(ChronoUnit.SECONDS).toString(),
        state + (isStale(path) ? ", stale" : ""),
        path.reason());
  }

  /** Here, or at a router that has passed it on (RFC 9494). */
  private static boolean isStale(PathView path) {
    return path.stale() || path.attributes().hasCommunity(Community.LLGR_STALE);
  }

  private static RouteRow row(Cidr prefix, AttributeSet set) {
    return new RouteRow(
        prefix.toString(),
        nextHop(set),
        "",
        localPref(set),
        med(set),
        set.asPath().toString(),
        communities(set),
        "",
        "told",
        "");
  }

  private static String nextHop(AttributeSet set) {
    return set.nextHop().isAny() ? "self" : set.nextHop().toString();
  }

  private static String localPref(AttributeSet set) {
    return set.hasLocalPref() ? Long.toString(set.localPref()) : "";
  }

  private static String med(AttributeSet set) {
    return set.hasMed() ? Long.toString(set.med()) : "";
  }

  private static String communities(AttributeSet set) {
    return Stream.concat(
            IntStream.range(0, set.communityCount())
                .mapToObj(i -> Community.format(set.community(i))),
            IntStream.range(0, set.largeCommunityCount())
                .mapToObj(i -> set.largeCommunity(i).toString()))
        .collect(Collectors.joining(" "));
  }
}
