package io.denim.install;

import io.denim.linux.nft.ForeignRules;
import io.denim.linux.nft.ForeignRules.Found;
import io.denim.linux.nft.TableState.Family;
import io.denim.linux.ns.Namespace;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The rules by which the reference bridge plugin masqueraded the pods of one network
 * (containernetworking/plugins, pkg/ip/ipmasq_iptables_linux.go and ipmasq_nftables_linux.go). It
 * deletes them with each pod; where it is not called any more they stay, and would masquerade the
 * next pod that gets the address.
 *
 * <p>By iptables-nft it has a chain CNI-... a container in table nat, all of its rules with the
 * comment {@code name: "NETWORK" id: "CONTAINER"}, and a rule in POSTROUTING that leads there. By
 * nftables it has a rule a container in one chain, with a comment that begins with a hash of the
 * network's name. Rules of iptables-legacy cannot be reached by netlink.
 */
final class MasqueradeRules implements AutoCloseable {
  private static final String IPTABLES_TABLE = "nat";
  private static final String IPTABLES_CHAIN = "CNI-";
  private static final String NFTABLES_TABLE = "cni_plugins_masquerade";
  private static final String NFTABLES_CHAIN = "masq_checks";

  /** Hexadecimal digits of a hash in a comment. */
  private static final int HASH = 16;

  private final ForeignRules rules;

  MasqueradeRules(Namespace namespace) {
    rules = ForeignRules.open(namespace);
  }

  /** What to delete of a table: rules by themselves, and chains with their rules. */
  record Doomed(List<Found> rules, List<String> chains) {
    /** Copies the lists. */
    Doomed {
      rules = List.copyOf(rules);
      chains = List.copyOf(chains);
    }

    boolean isEmpty() {
      return rules.isEmpty() && chains.isEmpty();
    }
  }

  /**
   * Deletes the rules of a network.
   *
   * @return how many chains and single rules
   */
  int remove(String network) {
    int removed = 0;
    for (Family family : List.of(Family.IP, Family.IP6)) {
      removed += delete(family, IPTABLES_TABLE, ofIptables(network, read(family, IPTABLES_TABLE)));
    }
    Doomed ofNftables = ofNftables(network, read(Family.INET, NFTABLES_TABLE));
    return removed + delete(Family.INET, NFTABLES_TABLE, ofNftables);
  }

  private List<Found> read(Family family, String table) {
    return rules.read(family, table);
  }

  private int delete(Family family, String table, Doomed doomed) {
    if (!doomed.isEmpty()) {
      rules.delete(family, table, doomed.rules(), doomed.chains());
    }
    return doomed.rules().size() + doomed.chains().size();
  }

  /** The chains whose rules are all of the network, and the rules of other chains that are. */
  static Doomed ofIptables(String network, List<Found> all) {
    String comment = "name: \"" + network + "\" id: \"";
    Set<String> chains = new HashSet<>();
    Set<String> others = new HashSet<>();
    for (Found rule : all) {
      if (rule.comment().startsWith(comment)) {
        Optional.of(rule.chain()).filter(MasqueradeRules::isContainers).ifPresent(chains::add);
        // Also a chain that somebody flushed is led to.
        rule.target().filter(MasqueradeRules::isContainers).ifPresent(chains::add);
      } else {
        others.add(rule.chain());
        rule.target().ifPresent(others::add);
      }
    }
    chains.removeAll(others);
    List<Found> single = new ArrayList<>();
    for (Found rule : all) {
      if (rule.comment().startsWith(comment) && !chains.contains(rule.chain())) {
        single.add(rule);
      }
    }
    return new Doomed(single, chains.stream().sorted().toList());
  }

  private static boolean isContainers(String chain) {
    return chain.startsWith(IPTABLES_CHAIN);
  }

  static Doomed ofNftables(String network, List<Found> all) {
    String comment = hash(network) + "-";
    return new Doomed(
        all.stream()
            .filter(rule -> rule.chain().equals(NFTABLES_CHAIN))
            .filter(rule -> rule.comment().startsWith(comment))
            .toList(),
        List.of());
  }

  private static String hash(String network) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-512").digest(network.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest).substring(0, HASH);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-512", e);
    }
  }

  @Override
  public void close() {
    rules.close();
  }
}
