package io.denim.attach;

import io.denim.attach.Attachment.HostPort;
import io.denim.attach.RuleSet.Name;
import io.denim.cni.CniException;
import io.denim.linux.Errno;
import io.denim.linux.LinuxException;
import io.denim.linux.conntrack.Conntrack;
import io.denim.linux.nft.Bytes;
import io.denim.linux.nft.ElementChange;
import io.denim.linux.nft.Nftables;
import io.denim.linux.nft.TableState;
import io.denim.linux.nft.TableState.Data;
import io.denim.linux.ns.Namespace;
import io.denim.net.Family;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the tables of {@link RuleSet} in the kernel. One more container is one transaction of
 * elements; rules are written anew, in the place of the old ones, when a subnet or a kind of rule
 * comes that was not there. Rules that nobody needs any more go when all is looked at.
 */
final class PodRules implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PodRules.class);
  private static final int UDP = 17;

  private final Nftables nft;
  private final Conntrack conntrack;
  private final Map<Attachment.Key, Asked> asked = new HashMap<>();
  private RuleSet written = RuleSet.none();
  private String problem = "";

  /** What an attachment asks for. */
  private record Asked(RuleSet rules, List<HostPort> ports) {
    private static final Asked NOTHING = new Asked(RuleSet.none(), List.of());

    static Asked of(Attachment attachment) {
      return new Asked(RuleSet.of(attachment), attachment.hostPorts());
    }
  }

  PodRules(Namespace node) {
    nft = Nftables.open(node);
    conntrack = Conntrack.open(node);
  }

  int portId() {
    return nft.portId();
  }

  /** Takes note of what is to be there, without writing it. */
  synchronized void expect(Attachment attachment) {
    asked.put(attachment.key(), Asked.of(attachment));
  }

  /**
   * Adds what an attachment asks for, in the place of what it asked for before. After a failure of
   * the kernel's a part may be there, which {@link #remove} takes away.
   *
   * @throws CniException when a port of the node leads to another container
   */
  void add(Attachment attachment) {
    put(attachment.key(), Asked.of(attachment));
    forgetFlows(attachment.key(), attachment.hostPorts());
  }

  /**
   * A flow of UDP that came to a port before goes on past the rules, until the kernel has forgotten
   * it.
   */
  private void forgetFlows(Attachment.Key key, List<HostPort> ports) {
    try {
      for (Family family : Family.values()) {
        List<Conntrack.Target> targets =
            ports.stream()
                .filter(port -> port.protocol() == UDP && port.to().address().family() == family)
                .map(port -> new Conntrack.Target(port.address(), port.port()))
                .toList();
        conntrack.deleteUdp(family, targets);
      }
    } catch (LinuxException e) {
      LOG.warn("old UDP flows to the ports of {} go on until they rest: {}", key, e.getMessage());
    }
  }

  private synchronized void put(Attachment.Key key, Asked now) {
    RuleSet before = asked.getOrDefault(key, Asked.NOTHING).rules();
    if (now.rules().equals(before)) {
      return;
    }
    refuseTaken(key, now.ports());
    asked.put(key, now);
    if (!written.covers(now.rules())) {
      write();
      return;
    }
    try {
      change(difference(before, now.rules()), difference(now.rules(), before));
    } catch (LinuxException e) {
      // Somebody has deleted a table, or added elements of his own.
      restore();
    }
  }

  private void refuseTaken(Attachment.Key key, List<HostPort> ports) {
    asked.forEach((other, has) -> {
      if (!other.equals(key)) {
        for (HostPort port : ports) {
          if (has.ports().stream().anyMatch(port::isSameOnTheNode)) {
            throw new CniException(
                CniException.Code.TRY_AGAIN,
                "runtimeConfig.portMappings: hostPort "
                    + port.port()
                    + port.address().map(address -> " of hostIP " + address).orElse("")
                    + " leads to "
                    + other
                    + "; it is free once that is deleted");
          }
        }
      }
    });
  }

  /** Takes away what an attachment asked for. */
  void remove(Attachment.Key key) {
    forgetFlows(key, take(key).ports());
  }

  private synchronized Asked take(Attachment.Key key) {
    Asked before = asked.getOrDefault(key, Asked.NOTHING);
    asked.remove(key);
    if (before.rules().elements().isEmpty()) {
      return before;
    }
    try {
      change(before.rules().elements(), Map.of());
    } catch (LinuxException e) {
      try {
        restore();
      } catch (LinuxException still) {
        asked.put(key, before);
        throw still;
      }
    }
    return before;
  }

  /** What is in the one and not in the other. */
  private static Map<Name, SortedMap<Bytes, Data>> difference(RuleSet one, RuleSet other) {
    Map<Name, SortedMap<Bytes, Data>> rest = new EnumMap<>(Name.class);
    one.elements()
        .forEach((name, elements) -> {
          SortedMap<Bytes, Data> left = new TreeMap<>(elements);
          left.entrySet()
              .removeAll(other.elements().getOrDefault(name, new TreeMap<>()).entrySet());
          if (!left.isEmpty()) {
            rest.put(name, left);
          }
        });
    return rest;
  }

  private void change(
      Map<Name, SortedMap<Bytes, Data>> gone, Map<Name, SortedMap<Bytes, Data>> come) {
    for (TableState.Family table : List.of(TableState.Family.INET, TableState.Family.BRIDGE)) {
      List<ElementChange> changes = new ArrayList<>();
      gone.forEach((name, elements) -> {
        if (name.table() == table) {
          changes.add(ElementChange.remove(name.of(new TreeMap<>()), elements));
        }
      });
      come.forEach((name, elements) -> {
        if (name.table() == table) {
          changes.add(ElementChange.add(name.of(new TreeMap<>()), elements));
        }
      });
      if (!changes.isEmpty()) {
        nft.change(table, RuleSet.TABLE, changes);
      }
    }
  }

  private RuleSet all() {
    return RuleSet.union(asked.values().stream().map(Asked::rules).toList());
  }

  private void write() {
    RuleSet all = all();
    all.tables().forEach(nft::replace);
    written = all;
  }

  /** Writes what is not in the kernel as it should be, and deletes what nobody needs. */
  synchronized void mend() {
    try {
      restore();
      problem = "";
    } catch (LinuxException e) {
      problem =
          "the rules of host ports and masquerading are not as they should be: " + e.getMessage();
    }
  }

  private void restore() {
    RuleSet all = all();
    Map<TableState.Family, TableState> wanted = new EnumMap<>(TableState.Family.class);
    all.tables().forEach(table -> wanted.put(table.family(), table));
    for (TableState.Family family : List.of(TableState.Family.INET, TableState.Family.BRIDGE)) {
      Optional<TableState> there = nft.read(family, RuleSet.TABLE);
      Optional<TableState> want = Optional.ofNullable(wanted.get(family));
      if (!there.equals(want)) {
        want.ifPresentOrElse(nft::replace, () -> nft.delete(family, RuleSet.TABLE));
      }
    }
    written = all;
  }

  /** What is wrong, in words for a person. */
  synchronized List<String> problems() {
    return problem.isEmpty() ? List.of() : List.of(problem);
  }

  /** What an attachment asks for and the kernel does not have. */
  synchronized List<String> missing(Attachment attachment) {
    List<String> missing = new ArrayList<>();
    RuleSet.of(attachment)
        .elements()
        .forEach((name, elements) -> {
          SortedMap<Bytes, Data> there = there(name);
          if (!there.entrySet().containsAll(elements.entrySet())) {
            missing.add(
                "elements of the nftables set "
                    + RuleSet.TABLE
                    + " "
                    + name.of(new TreeMap<>()).name()
                    + " are missing");
          }
        });
    return missing;
  }

  private SortedMap<Bytes, Data> there(Name name) {
    try {
      return nft.elements(name.table(), RuleSet.TABLE, name.of(new TreeMap<>()));
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT) {
        return new TreeMap<>();
      }
      throw e;
    }
  }

  @Override
  public void close() {
    nft.close();
    conntrack.close();
  }
}
