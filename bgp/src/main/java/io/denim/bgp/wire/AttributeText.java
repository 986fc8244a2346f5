package io.denim.bgp.wire;

import io.denim.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** An attribute set as names and values. */
final class AttributeText {
  private static final List<String> ORIGINS = List.of("igp", "egp", "incomplete");

  private AttributeText() {}

  static String of(AttributeSet set) {
    List<String> parts = new ArrayList<>();
    parts.add("origin=" + ORIGINS.get(set.origin()));
    parts.add("as-path=[" + set.asPath() + "]");
    parts.add("next-hop=" + set.nextHop());
    set.linkLocalNextHop().ifPresent(address -> parts.add("link-local=" + address));
    addIf(parts, set.hasMed(), "med=" + set.med());
    addIf(parts, set.hasLocalPref(), "local-pref=" + set.localPref());
    addIf(parts, set.atomicAggregate(), "atomic-aggregate");
    set.aggregator().ifPresent(aggregator -> parts.add("aggregator=[" + aggregator + "]"));
    addList(parts, "communities", set.communityCount(), i -> Community.format(set.community(i)));
    addList(
        parts,
        "extended-communities",
        set.extendedCommunityCount(),
        i -> String.format("%016x", set.extendedCommunity(i)));
    addList(parts, "large-communities", set.largeCommunityCount(), i -> "" + set.largeCommunity(i));
    addIf(parts, set.hasOriginatorId(), "originator=" + IpAddress.v4(set.originatorId()));
    addList(parts, "clusters", set.clusterCount(), i -> "" + IpAddress.v4(set.cluster(i)));
    addIf(parts, set.otc() != 0, "otc=" + set.otc());
    set.opaque().forEach(attribute -> parts.add("[" + attribute + "]"));
    return String.join(" ", parts);
  }

  private static void addIf(List<String> parts, boolean present, String text) {
    if (present) {
      parts.add(text);
    }
  }

  private static void addList(
      List<String> parts, String name, int count, IntFunction<String> element) {
    addIf(
        parts,
        count > 0,
        IntStream.range(0, count)
            .mapToObj(element)
            .collect(Collectors.joining(" ", name + "=[", "]")));
  }
}
