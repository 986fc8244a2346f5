package io.denim.attach;

import io.denim.linux.netlink.Link;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.Route;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.net.Family;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A container on a node, and the calls that a runtime makes for it. */
final class TestContainer implements AutoCloseable {
  /** What a runtime calls the namespace; nobody opens it by this. */
  static final String NETNS = "/var/run/netns/test";

  static final String IFNAME = "eth0";

  final String id;
  final Namespace namespace = Namespace.create();

  private final TestNode node;

  TestContainer(TestNode node, String id) {
    this.node = node;
    this.id = id;
  }

  Attachment.Key key() {
    return new Attachment.Key(id, IFNAME);
  }

  /** Calls with the namespace, and with these variables in the place of the usual ones. */
  Answer call(String verb, String config, Map<String, String> others) {
    Map<String, String> variables = variables(verb);
    variables.putAll(others);
    return node.call(variables, config, Optional.of(namespace));
  }

  private Map<String, String> variables(String verb) {
    Map<String, String> variables = new TreeMap<>();
    variables.put("CNI_COMMAND", verb);
    variables.put("CNI_CONTAINERID", id);
    variables.put("CNI_NETNS", NETNS);
    variables.put("CNI_IFNAME", IFNAME);
    variables.put("CNI_PATH", "/opt/cni/bin");
    return variables;
  }

  Answer add(String config) {
    return call("ADD", config, Map.of());
  }

  Answer add(String config, String args) {
    return call("ADD", config, Map.of("CNI_ARGS", args));
  }

  Answer check(String config, Answer added) {
    return call("CHECK", added.behind(config), Map.of());
  }

  Answer del(String config) {
    return call("DEL", config, Map.of());
  }

  /** As after the namespace has gone: {@code CNI_NETNS} is empty. */
  Answer delWithoutNamespace(String config) {
    Map<String, String> variables = variables("DEL");
    variables.put("CNI_NETNS", "");
    return node.call(variables, config, Optional.empty());
  }

  /** As when the file of the namespace has gone: the shim could not open it. */
  Answer callWithLostNamespace(String verb, String config, int errno) {
    Map<String, String> variables = variables(verb);
    variables.put("DENIM_NETNS_ERRNO", Integer.toString(errno));
    return node.call(variables, config, Optional.empty());
  }

  /** What {@code denim-cni} leaves in the journal for a DEL while no agent answers. */
  byte[] journalEntry(String config) {
    return TestNode.payload(variables("DEL"), config);
  }

  Rtnetlink kernel() {
    return Rtnetlink.open(namespace);
  }

  Optional<Link> link(String name) {
    try (Rtnetlink inside = kernel()) {
      return inside.link(name);
    }
  }

  Link eth0() {
    return link(IFNAME).orElseThrow(() -> new AssertionError(id + " has no " + IFNAME));
  }

  /** The addresses of an interface, with their lengths, without link-local ones. */
  List<String> addresses(String device) {
    try (Rtnetlink inside = kernel()) {
      int index = inside.link(device).orElseThrow().index();
      return inside.addresses().stream()
          .filter(each -> each.ifindex() == index && !each.address().address().isLinkLocal())
          .map(LinkAddress::address)
          .map(Object::toString)
          .toList();
    }
  }

  List<Route> routes(Family family) {
    try (Rtnetlink inside = kernel()) {
      return inside.routes(family, Route.RT_TABLE_MAIN);
    }
  }

  @Override
  public void close() {
    namespace.close();
  }
}
