package io.denim.mixed;

import io.denim.lab.AgentKind;
import io.denim.lab.FlannelOption;
import io.denim.lab.Lab;
import io.denim.lab.LabBuilder;
import io.denim.lab.LabConfig;
import io.denim.lab.LabStore;
import io.denim.lab.TestPrograms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * flanneld and Denim on the same node, one after the other, each beginning with nothing in the
 * kernel, and given the same: configuration, subnet, public address, hardware addresses and three
 * peers. What each then has in the kernel, in its file and in the store is compared, attribute by
 * attribute.
 */
class KernelEqualityIT {
  private static final String NODE = "n1";

  @TempDir Path directory;

  /**
   * A difference that is meant.
   *
   * @param what a regular expression for the attribute
   * @param why the reason
   */
  private record Meant(String what, String why) {
    boolean explains(String attribute) {
      return Pattern.compile(what).matcher(attribute).lookingAt();
    }
  }

  private static final List<Meant> MEANT =
      List.of(
          new Meant("\\w+ (main |local )?.*\\bcni0\\b", "cni0 is there before the first pod"),
          new Meant(
              "route (main|local|broadcast|default) (10\\.244\\.\\d+\\.(0/24|1|255)|0\\.0\\.0\\.0)"
                  + " (?!gateway|via)\\w+",
              "cni0's own routes; those to peers carry protocol 68, by which they are known"));

  private static LabBuilder node(LabStore store) {
    return LabConfig.nodes(1)
        .subnets("10.1.0.0/24")
        .podsPerNode(0)
        .netConf("EnableNFTables", true)
        .agent(AgentKind.FLANNELD)
        .store(store);
  }

  private static LabBuilder dual(LabBuilder builder) {
    return builder.subnets6("fd01::/64").dualStack();
  }

  @Test
  void byEtcd() {
    compareAll(node(new LabStore.Etcd()));
  }

  private void compareAll(LabBuilder builder) {
    try (Lab lab =
        Lab.start(builder.flannel("vxlan").build(), directory, TestPrograms.find(), line -> {})) {
      compare(lab, builder.flannel("vxlan"));
      compare(lab, builder.flannel("vxlan", FlannelOption.DIRECT_ROUTING));
      compare(lab, builder.flannel("host-gw"));
    }
  }

  private static void compare(Lab lab, LabBuilder wanted) {
    Blank.lab(lab);
    lab.configure(wanted.build().netConf());
    peers(lab, wanted.build());
    Map<String, String> theirs = run(lab, AgentKind.FLANNELD);
    lab.stopAgent(NODE);
    Blank.node(lab, NODE);
    Map<String, String> ours = run(lab, AgentKind.DENIM);
    theirs.keySet().stream()
        .sorted()
        .filter(x -> !x.contains("cni0") && !x.startsWith("parameter"))
        .forEach(x -> System.out.println("THEIRS " + x + " = " + theirs.get(x)));
    var all = new TreeSet<>(theirs.keySet());
    all.addAll(ours.keySet());
    for (String x : all)
      if (!String.valueOf(theirs.get(x)).equals(String.valueOf(ours.get(x))) && !x.contains("cni0"))
        System.out.println("DIFF " + x + ": " + theirs.get(x) + " -> " + ours.get(x));
  }

  /** Two neighbours and one behind the router, as flanneld would have written them. */
  private static void peers(Lab lab, LabConfig config) {
    String type = config.netConf().contains("host-gw") ? "host-gw" : "vxlan";
    int number = 50;
    for (String address : List.of("10.1.0.71", "10.1.0.72", "10.9.0.73")) {
      String data =
          type.equals("vxlan")
              ? ",\"BackendData\":{\"VNI\":1,\"VtepMAC\":\"0a:00:00:00:00:%d\"}".formatted(number)
              : "";
      lab.etcd()
          .put(
              Blank.PREFIX + "/subnets/10.244." + number + ".0-24",
              "{\"PublicIP\":\"%s\",\"PublicIPv6\":null,\"BackendType\":\"%s\"%s}"
                  .formatted(address, type, data));
      number++;
    }
  }

  /** What there is when this agent has done its work. */
  private static Map<String, String> run(Lab lab, AgentKind kind) {
    lab.startAgent(NODE, kind);
    lab.awaitReady(NODE);
    try {
      Thread.sleep(3000);
    } catch (InterruptedException e) {
      throw new RuntimeException(e);
    }
    Map<String, String> found = new TreeMap<>(KernelObjects.of(lab, NODE));
    try {
      found.put("file", Files.readString(lab.machine(NODE).at("/run/flannel/subnet.env")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    lab.etcd()
        .list(Blank.PREFIX + "/subnets/")
        .forEach((key, value) -> found.put("record " + key, value));
    return found;
  }
}
