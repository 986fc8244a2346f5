package io.denim.linux.nft;

import static io.denim.linux.nft.TableDecoder.decodeElement;
import static io.denim.linux.nft.TableDecoder.decodeHook;
import static io.denim.linux.nft.TableDecoder.decodeRule;
import static io.denim.linux.nft.TableDecoder.decodeSet;
import static io.denim.linux.nft.TableDecoder.text;
import static io.denim.linux.nft.TableRequests.addChange;
import static io.denim.linux.nft.TableRequests.addContents;
import static io.denim.linux.nft.TableRequests.replacement;
import static io.denim.linux.nft.TableRequests.request;
import static io.denim.linux.nft.TableRequests.table;

import io.denim.linux.Errno;
import io.denim.linux.LinuxException;
import io.denim.linux.netlink.MessageWriter;
import io.denim.linux.netlink.NetlinkSocket;
import io.denim.linux.netlink.NetlinkSocket.Failure;
import io.denim.linux.netlink.Request;
import io.denim.linux.nft.TableState.Chain;
import io.denim.linux.nft.TableState.Data;
import io.denim.linux.nft.TableState.Hook;
import io.denim.linux.nft.TableState.NamedSet;
import io.denim.linux.nft.TableState.Rule;
import io.denim.linux.ns.Namespace;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The nftables of one network namespace. Any thread may use it. */
public final class Nftables implements AutoCloseable {
  private static final int NFGENMSG = 4;
  private static final int CHANGE_ATTEMPTS = 5;

  private final NetlinkSocket socket;

  private Nftables(NetlinkSocket socket) {
    this.socket = socket;
  }

  /** Opens a socket in the namespace, which may be closed afterwards. */
  public static Nftables open(Namespace namespace) {
    return new Nftables(NetlinkSocket.open(namespace, NetlinkSocket.NETLINK_NETFILTER));
  }

  /** The sender that notifications of this handle's changes name. */
  public int portId() {
    return socket.portId();
  }

  /**
   * Puts a table into the kernel in one transaction, in the place of what has its name: there is no
   * instant without rules.
   *
   * @throws LinuxException naming the first object that was refused; then nothing has changed
   */
  public void replace(TableState table) {
    transact(replacement(table), true);
  }

  /**
   * Makes a table that is not there. Cheaper than {@link #replace}, for which the kernel waits
   * until nobody reads the old one.
   *
   * @throws LinuxException EEXIST when there is a table of the name; then nothing has changed
   */
  public void create(TableState table) {
    List<Request> batch = new ArrayList<>();
    int flags = Nft.NLM_F_CREATE | Nft.NLM_F_EXCL;
    batch.add(table(Nft.NEWTABLE, flags, table.family(), table.name(), "create"));
    addContents(table, batch);
    transact(batch, true);
  }

  /** As {@link #replace}, but only lets the kernel check it; nothing changes. */
  public void validate(TableState table) {
    transact(replacement(table), false);
  }

  /** Deletes a table with all that is in it; ENOENT when there is none. */
  public void delete(TableState.Family family, String table) {
    transact(List.of(table(Nft.DELTABLE, 0, family, table, "delete")), true);
  }

  /**
   * Changes elements of several sets and maps of a table in one transaction: all of it or nothing.
   *
   * <p>Removing is tolerant: it takes away the elements that are there with the data given, and
   * leaves what is missing already or has other data by now, which is then somebody else's. Kernels
   * of any age do that: NFT_MSG_DESTROYSETELEM came with 6.3 only and does not look at the data, so
   * each element to be removed is first added, which the kernel takes for nothing where it is there
   * already and refuses where the data differs, and then deleted. Only after such a refusal are the
   * sets read, to leave out what is not to be removed.
   *
   * <p>Adding an element that is there with the same data changes nothing. To give a key other
   * data, remove it with the old and then add it with the new, in one list.
   *
   * @param changes in the order in which they count
   * @throws LinuxException EEXIST (older kernels EBUSY) when an added key has other data; ENOENT
   *     when there is no such table or set; then nothing has changed
   */
  public void change(TableState.Family family, String table, List<ElementChange> changes) {
    List<ElementChange> wanted = changes;
    for (int attempt = 1; ; attempt++) {
      List<Request> batch = new ArrayList<>();
      wanted.forEach(change -> addChange(batch, family, table, change));
      List<Failure> failures = batch.isEmpty() ? List.of() : send(batch, true);
      if (failures.isEmpty()) {
        return;
      }
      LinuxException refusal = failures.getFirst().error();
      boolean clash = refusal.errno() == Errno.EEXIST || refusal.errno() == Errno.EBUSY;
      if (!clash || attempt == CHANGE_ATTEMPTS) {
        throw refusal;
      }
      List<ElementChange> ours =
          wanted.stream().map(change -> withoutForeign(family, table, change)).toList();
      if (ours.equals(wanted)) {
        throw refusal;
      }
      wanted = ours;
    }
  }

  private ElementChange withoutForeign(
      TableState.Family family, String table, ElementChange change) {
    return change.remove() ? change.without(elements(family, table, change.set())) : change;
  }

  private void transact(List<Request> requests, boolean commit) {
    List<Failure> failures = send(requests, commit);
    if (!failures.isEmpty()) {
      throw failures.getFirst().error();
    }
  }

  private List<Failure> send(List<Request> requests, boolean commit) {
    List<Request> batch = new ArrayList<>(requests.size() + 2);
    batch.add(TableRequests.mark(Nft.BATCH_BEGIN, "begin a batch"));
    batch.addAll(requests);
    batch.add(TableRequests.mark(Nft.BATCH_END, "end a batch"));
    return socket.transact(batch, commit);
  }

  /** Reads a table; empty when there is none of the name. */
  public Optional<TableState> read(TableState.Family family, String name) {
    boolean there =
        dump(Nft.GETTABLE, family, w -> {}, "list tables", m -> text(m, Nft.NFTA_TABLE_NAME))
            .stream()
            .anyMatch(name::equals);
    if (!there) {
      return Optional.empty();
    }
    Map<String, List<Rule>> rules = new LinkedHashMap<>();
    dump(
        Nft.GETRULE,
        family,
        w -> w.attrString(Nft.NFTA_RULE_TABLE, name),
        "list rules of table " + name,
        m -> {
          if (text(m, Nft.NFTA_RULE_TABLE).filter(name::equals).isPresent()) {
            rules
                .computeIfAbsent(text(m, Nft.NFTA_RULE_CHAIN).orElse(""), _ -> new ArrayList<>())
                .add(decodeRule(m));
          }
          return Optional.empty();
        });
    List<Chain> chains =
        allChains(family).stream()
            .filter(chain -> chain.table().equals(name))
            .map(found ->
                new Chain(found.name(), found.hook(), rules.getOrDefault(found.name(), List.of())))
            .toList();
    List<NamedSet> sets =
        dump(
                Nft.GETSET,
                family,
                w -> w.attrString(Nft.NFTA_SET_TABLE, name),
                "list sets of table " + name,
                m ->
                    text(m, Nft.NFTA_SET_TABLE).filter(name::equals).isPresent()
                        ? Optional.of(decodeSet(m))
                        : Optional.<NamedSet>empty())
            .stream()
            .map(
                set -> new NamedSet(set.name(), set.key(), set.data(), elements(family, name, set)))
            .toList();
    return Optional.of(new TableState(family, name, sets, chains));
  }

  /** A chain of some table, without its rules. */
  public record FoundChain(String table, String name, Optional<Hook> hook) {}

  /** The chains of all tables of a family, whoever made them. */
  public List<FoundChain> allChains(TableState.Family family) {
    return dump(
        Nft.GETCHAIN,
        family,
        w -> {},
        "list chains",
        m ->
            Optional.of(
                new FoundChain(
                    text(m, Nft.NFTA_CHAIN_TABLE).orElse(""),
                    text(m, Nft.NFTA_CHAIN_NAME).orElse(""),
                    decodeHook(m))));
  }

  private <T> List<T> dump(
      int operation,
      TableState.Family family,
      Consumer<MessageWriter> filter,
      String words,
      NetlinkSocket.Decoder<T> decoder) {
    return socket.dump(
        request(operation, 0, family, filter, words),
        NFGENMSG,
        m -> m.headerU8(0) == family.number() ? decoder.decode(m) : Optional.empty());
  }

  /**
   * The elements of a set or map. While the kernel's hash table grows in the background, just added
   * ones may be missing.
   *
   * @throws LinuxException ENOENT when there is no such table or set
   */
  public SortedMap<Bytes, Data> elements(TableState.Family family, String table, NamedSet set) {
    SortedMap<Bytes, Data> elements = new TreeMap<>();
    dump(
        Nft.GETSETELEM,
        family,
        w -> {
          w.attrString(Nft.NFTA_SET_ELEM_LIST_TABLE, table);
          w.attrString(Nft.NFTA_SET_ELEM_LIST_SET, set.name());
        },
        "list elements of set " + table + " " + set.name(),
        m -> {
          m.get(Nft.NFTA_SET_ELEM_LIST_ELEMENTS)
              .ifPresent(list -> list.forEach((element, _) -> decodeElement(element, elements)));
          return Optional.empty();
        });
    return elements;
  }

  @Override
  public void close() {
    socket.close();
  }
}
