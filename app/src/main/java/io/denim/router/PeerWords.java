package io.denim.router;

import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.RemoteAs;
import io.denim.bgp.config.Role;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.config.Timers;
import io.denim.bgp.speaker.PeerStatus;
import io.denim.bgp.wire.AddPath;
import io.denim.bgp.wire.Capabilities;
import io.denim.bgp.wire.GracefulRestart;
import io.denim.bgp.wire.HostName;
import io.denim.bgp.wire.LongLived;
import io.denim.bgp.wire.Notification;
import io.denim.bgp.wire.Open;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import io.denim.router.PeerReport.Damaged;
import io.denim.router.PeerReport.LastNotification;
import io.denim.router.PeerReport.Messages;
import io.denim.router.PeerReport.Routes;
import io.denim.router.PeerReport.Said;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a speaker knows of its peers, in the words of the commands. */
final class PeerWords {
  /** Of each message, by its number less one. */
  static final List<String> TYPES =
      List.of("open", "update", "notification", "keepalive", "refresh");

  private final SpeakerConfig config;
  private final Instant now;

  /** Words on peers of a speaker that runs with this configuration. */
  PeerWords(SpeakerConfig config, InstantSource clock) {
    this.config = config;
    this.now = clock.instant();
  }

  PeerSummary summary(PeerStatus status) {
    return new PeerSummary(
        status.name(),
        status.at().toString(),
        as(status),
        status.state().toString(),
        status.draining(),
        ago(status.seconds()),
        status.families().values().stream().mapToLong(PeerStatus.Routes::received).sum(),
        status.families().values().stream().mapToLong(PeerStatus.Routes::announced).sum(),
        status.lag(),
        status.problem());
  }

  PeerReport report(PeerStatus status) {
    return new PeerReport(
        status.name(),
        status.at().toString(),
        configOf(status).map(PeerConfig::description).orElse(""),
        as(status),
        status.state().toString(),
        status.draining(),
        ago(status.seconds()),
        status.dynamic(),
        status.problem(),
        holdTime(status),
        status.lag(),
        status.sessions(),
        status.malformed(),
        status.treatedAsWithdrawn(),
        said(status),
        routes(status),
        messages(status),
        notifications(status),
        status.damaged().map(this::damaged).stream().toList());
  }

  /** The file's words on a peer, or on the range it is of. */
  private Optional<PeerConfig> configOf(PeerStatus status) {
    return status.dynamic()
        ? config.range(status.at()).map(range -> range.peer(status.address()))
        : config.peer(status.name());
  }

  private String as(PeerStatus status) {
    return status
        .theirs()
        .map(open -> Long.toString(open.as()))
        .or(() -> configOf(status).map(this::allowedAs))
        .orElse("");
  }

  private String allowedAs(PeerConfig peer) {
    return peer.as() instanceof RemoteAs.Internal
        ? Long.toString(peer.localAs(config))
        : peer.as().toString();
  }

  private String ago(long seconds) {
    return now.minusSeconds(seconds).truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private String holdTime(PeerStatus status) {
    Optional<Open> theirs = status.theirs();
    Optional<PeerConfig> peer = configOf(status);
    if (theirs.isEmpty() || peer.isEmpty()) {
      return "";
    }
    Timers timers = peer.get().timers();
    int hold = timers.negotiatedHold(theirs.get().holdTime());
    Duration keepalive = timers.keepalive(hold);
    return hold == 0
        ? "0, no keepalives"
        : hold + " s, keepalives every " + keepalive.toMillis() / 1000.0 + " s";
  }

  private static List<Said> said(PeerStatus status) {
    List<Said> rows = new ArrayList<>();
    Optional<Open> ours = status.ours();
    Optional<Open> theirs = status.theirs();
    if (ours.isPresent() && theirs.isPresent()) {
      Comparison both = new Comparison(ours.get(), theirs.get(), rows);
      both.open("AS", open -> Long.toString(open.as()));
      both.open("identifier", open -> IpAddress.v4(open.identifier()).toString());
      both.open("hold time", open -> open.holdTime() + " s");
      both.can("families", can -> words(can.families()));
      both.can("route refresh", PeerWords::refresh);
      both.can("4-octet AS", can -> yes(can.fourOctetAs()));
      both.can("messages", can -> can.extendedMessages() ? "65535 octets" : "4096 octets");
      both.can("several paths", can -> byFamily(can.addPath(), PeerWords::addPath));
      both.can("IPv6 next hops of IPv4", can -> yes(can.ipv4OverIpv6NextHop()));
      both.can("graceful restart", can -> can.gracefulRestart().map(PeerWords::restart).orElse(""));
      both.can(
          "kept after a restart",
          can -> can.longLived().map(all -> byFamily(all, PeerWords::longLived)).orElse(""));
      both.can("role", can -> role(can.role()));
      both.can("host name", can -> can.hostName().map(HostName::toString).orElse(""));
      both.can("software", can -> can.softwareVersion().orElse(""));
      both.can(
          "other capabilities",
          can -> can.unknown().stream().map(String::valueOf).collect(Collectors.joining(" ")));
    }
    return rows;
  }

  /** Two OPENs side by side; what neither side says is left out. */
  private record Comparison(Open ours, Open theirs, List<Said> rows) {
    void open(String what, Function<Open, String> words) {
      String mine = words.apply(ours);
      String its = words.apply(theirs);
      if (!mine.isEmpty() || !its.isEmpty()) {
        rows.add(new Said(what, mine, its));
      }
    }

    void can(String what, Function<Capabilities, String> words) {
      open(what, open -> words.apply(open.capabilities()));
    }
  }

  private static String yes(boolean it) {
    return it ? "yes" : "";
  }

  private static String refresh(Capabilities can) {
    return can.enhancedRefresh() ? "enhanced" : yes(can.routeRefresh());
  }

  private static String addPath(AddPath way) {
    return way.name().toLowerCase(Locale.ROOT);
  }

  private static String longLived(LongLived kept) {
    return kept.staleSeconds() + " s";
  }

  private static String role(OptionalInt code) {
    return code.isEmpty()
        ? ""
        : Role.of(code.getAsInt()).map(Role::toString).orElse("role " + code.getAsInt());
  }

  private static String restart(GracefulRestart said) {
    if (said.families().isEmpty()) {
      return "helps only";
    }
    return said.seconds()
        + " s, "
        + byFamily(said.families(), kept -> kept ? "kept forwarding" : "")
        + (said.restarting() ? ", has restarted" : "")
        + (said.notification() ? ", over errors too" : "");
  }

  private static <V> String byFamily(Map<Family, V> map, Function<V, String> words) {
    return map.entrySet().stream()
        .map(each -> (word(each.getKey()) + " " + words.apply(each.getValue())).strip())
        .collect(Collectors.joining(", "));
  }

  private static String words(Collection<Family> families) {
    return families.stream().map(PeerWords::word).collect(Collectors.joining(" "));
  }

  static String word(Family family) {
    return family.name().toLowerCase(Locale.ROOT);
  }

  private static List<Routes> routes(PeerStatus status) {
    List<Routes> rows = new ArrayList<>();
    status
        .families()
        .forEach((family, routes) ->
            rows.add(
                new Routes(
                    word(family),
                    routes.received(),
                    routes.accepted(),
                    routes.announced(),
                    routes.ended(),
                    routes.stale(),
                    left(routes))));
    return rows;
  }

  private static String left(PeerStatus.Routes routes) {
    return routes.stale()
        ? routes.secondsLeft() + " s" + (routes.longLived() ? " as the last choice" : "")
        : "";
  }

  private static List<Messages> messages(PeerStatus status) {
    List<Messages> rows = new ArrayList<>();
    for (int type = 1; type <= TYPES.size(); type++) {
      rows.add(
          new Messages(
              TYPES.get(type - 1),
              status.received().getOrDefault(type, 0L),
              status.sent().getOrDefault(type, 0L)));
    }
    return rows;
  }

  private List<LastNotification> notifications(PeerStatus status) {
    return Stream.concat(
            status.lastReceived().map(noted -> notification("received", noted)).stream(),
            status.lastSent().map(noted -> notification("sent", noted)).stream())
        .toList();
  }

  private LastNotification notification(String direction, PeerStatus.Noted noted) {
    Notification notification = noted.notification();
    return new LastNotification(
        direction,
        notification.code() + "/" + notification.subcode(),
        notification.name(),
        notification.communication().orElse(""),
        ago(noted.seconds()));
  }

  private Damaged damaged(PeerStatus.Damaged each) {
    return new Damaged(
        ago(each.seconds()),
        each.endedSession() ? "session" : "routes",
        each.words(),
        each.octets());
  }
}
