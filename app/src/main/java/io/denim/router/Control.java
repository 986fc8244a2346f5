package io.denim.router;

import io.denim.bgp.config.PeerAddress;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.speaker.PeerStatus;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import io.denim.router.Answers.Done;
import io.denim.router.Answers.Explanation;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** What a router answers to the requests at its control socket. */
final class Control {
  private static final String NOT_DRAINED = "drained no more";

  private final Router router;

  Control(Router router) {
    this.router = router;
  }

  /**
   * The answer to a request.
   *
   * @throws RouterException when it cannot be done
   */
  Object answer(JsonNode request) {
    String command = text(request, "command");
    return switch (command) {
      case "peers" -> peers();
      case "peer" -> router.words().report(status(text(request, "peer")));
      case "reset" -> reset(request);
      case "drain" -> drain(request);
      case "routes" -> routes(request);
      case "explain" -> explain(request);
      case "reload" -> router.reload();
      case "capture" -> capture(text(request, "peer"));
      case "dump" -> dump();
      default ->
          throw new RouterException(
              "unknown command \""
                  + command
                  + "\"; allowed: peers, peer, routes, explain, reset,"
                  + " drain, reload, capture, dump");
    };
  }

  private LongAnswer capture(String peer) {
    return Recordings.capture(router.monitors(), peer.isEmpty() ? "" : status(peer).name());
  }

  private LongAnswer dump() {
    SpeakerConfig config = router.config().speaker();
    return Recordings.dump(
        router.speaker(), config.routerId(), config.as(), router.clock().instant());
  }

  private static String text(JsonNode request, String key) {
    return request.path(key).asString("");
  }

  private List<PeerSummary> peers() {
    PeerWords words = router.words();
    return router.speaker().peers().stream().map(words::summary).toList();
  }

  /** Found by its name, or else by its address. */
  private PeerStatus status(String peer) {
    List<PeerStatus> all = router.speaker().peers();
    return all.stream()
        .filter(each -> each.name().equals(peer))
        .findFirst()
        .or(() -> all.stream().filter(each -> each.at().toString().equals(peer)).findFirst())
        .orElseThrow(() -> new RouterException(unknown(peer, all)));
  }

  private static String unknown(String peer, List<PeerStatus> all) {
    String there = all.stream().limit(10).map(PeerStatus::name).collect(Collectors.joining(", "));
    return "no peer is called \""
        + peer
        + "\"; "
        + (there.isEmpty()
            ? "there is none"
            : "there are " + there + (all.size() > 10 ? " and others" : ""));
  }

  private List<RouteRow> routes(JsonNode request) {
    Routes routes = new Routes(router.speaker(), router.clock().instant());
    Predicate<Cidr> prefixes = Routes.prefixes(text(request, "prefix"));
    int most = request.path("limit").asInt(Integer.MAX_VALUE);
    String out = text(request, "out");
    if (!out.isEmpty()) {
      PeerStatus peer = status(out);
      return routes.told(prefixes, peer.name(), most).orElseThrow(() -> noSession(peer));
    }
    String in = text(request, "in");
    Optional<String> from = in.isEmpty() ? Optional.empty() : Optional.of(status(in).name());
    return routes.known(prefixes, from, most);
  }

  private Explanation explain(JsonNode request) {
    String word = text(request, "prefix");
    Cidr prefix =
        Cidr.tryParse(word)
            .or(() -> IpAddress.tryParse(word).map(Cidr::host))
            .orElseThrow(() ->
                new RouterException("\"" + word + "\" is no prefix; allowed: such as 10.0.0.0/8"));
    PeerStatus peer = status(text(request, "to"));
    String told =
        router
            .speaker()
            .explain(prefix, peer.name())
            .orElseThrow(() ->
                peer.theirs().isEmpty()
                    ? noSession(peer)
                    : new RouterException(
                        "the session with peer "
                            + peer.name()
                            + " is without "
                            + PeerWords.word(prefix.family())
                            + "; see denim bgp peer "
                            + peer.name()));
    return new Explanation(prefix.toString(), peer.name(), told);
  }

  private Done reset(JsonNode request) {
    String soft = text(request, "soft");
    PeerStatus peer = status(text(request, "peer"));
    String done =
        switch (soft) {
          case "" -> {
            var _ = router.speaker().reset(peer.name(), text(request, "message"));
            yield "the session begins anew";
          }
          case "in" -> refresh(peer, true, "is asked for its routes");
          case "out" -> refresh(peer, false, "is told all routes");
          default ->
              throw new RouterException("\"" + soft + "\" is no direction; allowed: in or out");
        };
    return new Done(peer.name(), done);
  }

  private Done drain(JsonNode request) {
    boolean on = !request.path("off").asBoolean(false);
    String name = text(request, "peer");
    if (name.isEmpty()) {
      router.speaker().drainAll(on);
      return new Done("all", on ? "are told that this router is their last choice" : NOT_DRAINED);
    }
    if (!on && isAwayAndDrainedNoMore(name)) {
      return new Done(name, NOT_DRAINED);
    }
    PeerStatus peer = status(name);
    if (!on && router.speaker().isDrained()) {
      throw new RouterException("all peers are drained; \"denim bgp drain --off\" ends that");
    }
    var _ = router.speaker().drain(peer.name(), on);
    return new Done(peer.name(), on ? "its routes are the last choice, both ways" : NOT_DRAINED);
  }

  /** One of a range is no peer while it is away, but stays drained, by its address. */
  private boolean isAwayAndDrainedNoMore(String name) {
    List<PeerStatus> all = router.speaker().peers();
    return away(name)
        .filter(at -> all.stream().noneMatch(peer -> peer.at().equals(at)))
        .filter(router.speaker()::drainNoMore)
        .isPresent();
  }

  /** By its address, or by the name that it had: that of its range, and its address. */
  private Optional<PeerAddress> away(String name) {
    int slash = name.lastIndexOf('/');
    Optional<PeerAddress> at = PeerAddress.tryParse(name.substring(slash + 1));
    return slash < 0
        ? at
        : at.map(peer -> new PeerAddress(peer.address(), deviceOf(name.substring(0, slash))));
  }

  private Optional<String> deviceOf(String range) {
    return router.config().speaker().ranges().stream()
        .filter(each -> each.name().equals(range))
        .findFirst()
        .flatMap(each -> each.template().device());
  }

  private String refresh(PeerStatus peer, boolean in, String done) {
    if (!router.speaker().refresh(peer.name(), in, !in)) {
      throw noSession(peer);
    }
    return done;
  }

  private static RouterException noSession(PeerStatus peer) {
    return new RouterException(
        "there is no session with peer "
            + peer.name()
            + " ("
            + peer.state()
            + (peer.problem().isEmpty() ? "" : "; " + peer.problem())
            + ")");
  }
}
