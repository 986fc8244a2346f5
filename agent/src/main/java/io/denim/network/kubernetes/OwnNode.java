package io.denim.network.kubernetes;

import io.denim.model.FlannelLease;
import io.denim.model.Json;
import io.denim.net.Family;
import io.denim.net.IpAddress;
import io.denim.store.kubernetes.Revisions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is known of this node's own Node, and what it should say. Not for use by several threads at
 * once.
 */
final class OwnNode {
  private final String name;
  private final NodeAnnotations annotations;
  private Optional<NodeObject> present = Optional.empty();
  private Optional<FlannelLease> wanted = Optional.empty();

  OwnNode(String name, NodeAnnotations annotations) {
    this.name = name;
    this.annotations = annotations;
  }

  String name() {
    return name;
  }

  /** The object as a list has it: the truth, whatever was known before. */
  void listed(Optional<NodeObject> now) {
    present = now;
  }

  /**
   * The object as an answer or an event has it; one that is older than what is known is nothing.
   */
  boolean put(NodeObject now) {
    if (present
        .filter(known -> known.uid().equals(now.uid()))
        .filter(known -> Revisions.isOlder(now.resourceVersion(), known.resourceVersion()))
        .isPresent()) {
      return false;
    }
    boolean news =
        present
            .filter(known -> known.uid().equals(now.uid()))
            .filter(known -> known.annotations().equals(now.annotations()))
            .isEmpty();
    present = Optional.of(now);
    return news;
  }

  void gone() {
    present = Optional.empty();
  }

  /** What it should say from now on. */
  void want(FlannelLease lease) {
    wanted = Optional.of(lease);
  }

  boolean joined() {
    return wanted.isPresent();
  }

  Optional<String> uid() {
    return present.map(NodeObject::uid);
  }

  /** Whether it should say something and does not, or is not there at all. */
  boolean lost() {
    return wanted.isPresent()
        && present.map(node -> !changes(node, wanted.get()).isEmpty()).orElse(true);
  }

  /** What has to be written for it to be known by a lease. */
  Map<String, Optional<String>> changes(NodeObject node, FlannelLease lease) {
    return annotations.difference(node.annotations(), annotations.write(lease, node.annotations()));
  }

  /** What it published, as far as it can be read; empty when it never did. */
  Optional<FlannelLease> published() {
    return present
        .map(NodeObject::annotations)
        .filter(all -> all.containsKey(annotations.type()))
        .map(all -> annotations.read(all).lease());
  }

  /** Addresses that an administrator gave it. */
  Map<Family, IpAddress> addresses() {
    return present
        .map(node ->
            annotations.administered(
                node.annotations(), annotations::nodePublicIp, new ArrayList<>()))
        .orElse(Map.of());
  }

  /** What is wrong with the annotations of an administrator. */
  List<String> problems() {
    List<String> problems = new ArrayList<>();
    present.ifPresent(node -> {
      var _ = annotations.administered(node.annotations(), annotations::nodePublicIp, problems);
      var _ = annotations.administered(node.annotations(), annotations::overwrite, problems);
    });
    return problems;
  }

  /** The strategic merge patch of annotations. */
  static String patch(Map<String, Optional<String>> changes) {
    ObjectNode root = Json.mapper().createObjectNode();
    ObjectNode target = root.putObject("metadata").putObject("annotations");
    changes.forEach((key, value) ->
        value.ifPresentOrElse(text -> target.put(key, text), () -> target.putNull(key)));
    return Json.mapper().writeValueAsString(root);
  }

  /** The strategic merge patch that says, in flannel's words, that the network is there. */
  static String readyPatch(Instant now) {
    String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
    ObjectNode root = Json.mapper().createObjectNode();
    root.putObject("status")
        .putArray("conditions")
        .addObject()
        .put("type", "NetworkUnavailable")
        .put("status", "False")
        .put("reason", "FlannelIsUp")
        .put("message", "Flannel is running on this node")
        .put("lastTransitionTime", time)
        .put("lastHeartbeatTime", time);
    return Json.mapper().writeValueAsString(root);
  }
}
