package io.denim.linux.nft;

import io.denim.linux.LinuxException;
import io.denim.linux.netlink.Attributes;
import io.denim.linux.netlink.MessageWriter;
import io.denim.linux.netlink.NetlinkSocket;
import io.denim.linux.netlink.NetlinkSocket.Failure;
import io.denim.linux.netlink.Request;
import io.denim.linux.nft.TableState.Chain;
import io.denim.linux.nft.TableState.Data;
import io.denim.linux.nft.TableState.Hook;
import io.denim.linux.nft.TableState.NamedSet;
import io.denim.linux.nft.TableState.Point;
import io.denim.linux.nft.TableState.Rule;
import io.denim.linux.nft.TableState.ValueType;
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
  private static final int ELEMENTS_A_MESSAGE = 500;

  /** The type octet of a comment in a rule's user data (libnftnl's NFTNL_UDATA_RULE_COMMENT). */
  private static final int UDATA_RULE_COMMENT = 0;

  /**
   * Tells nft that keys are in host order (libnftnl's NFTNL_UDATA_SET_KEYBYTEORDER), else it prints
   * no names.
   */
  private static final byte[] HOST_ORDER_KEY = {0, 4, 1, 0, 0, 0};

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
   * Adds elements to a set or map of a table, or with {@code remove} takes them away, in one
   * transaction.
   */
  public void change(
      TableState.Family family,
      String table,
      NamedSet set,
      SortedMap<Bytes, Data> elements,
      boolean remove) {
    List<Request> batch = new ArrayList<>();
    addElements(batch, family, table, set, elements, remove ? Nft.DELSETELEM : Nft.NEWSETELEM);
    transact(batch, true);
  }

  private void transact(List<Request> requests, boolean commit) {
    List<Request> batch = new ArrayList<>(requests.size() + 2);
    batch.add(
        new Message(Nft.BATCH_BEGIN, 0, w -> w.u8(0).u8(0).be16(Nft.SUBSYSTEM), "begin a batch"));
    batch.addAll(requests);
    batch.add(new Message(Nft.BATCH_END, 0, w -> w.u8(0).u8(0).be16(Nft.SUBSYSTEM), "end a batch"));
    List<Failure> failures = socket.transact(batch, commit);
    if (!failures.isEmpty()) {
      throw failures.getFirst().error();
    }
  }

  private record Message(int type, int flags, Consumer<MessageWriter> body, String describe)
      implements Request {
    @Override
    public void encode(MessageWriter writer) {
      body.accept(writer);
    }
  }

  private static Request request(
      int operation,
      int flags,
      TableState.Family family,
      Consumer<MessageWriter> attributes,
      String words) {
    return new Message(
        Nft.SUBSYSTEM << 8 | operation,
        flags,
        writer -> {
          writer.u8(family.number()).u8(0).be16(0);
          attributes.accept(writer);
        },
        words);
  }

  private static Request table(
      int operation, int flags, TableState.Family family, String name, String verb) {
    return request(
        operation,
        flags,
        family,
        w -> w.attrString(Nft.NFTA_TABLE_NAME, name),
        verb + " table " + name);
  }

  private static List<Request> replacement(TableState table) {
    List<Request> batch = new ArrayList<>();
    TableState.Family family = table.family();
    batch.add(table(Nft.NEWTABLE, Nft.NLM_F_CREATE, family, table.name(), "create"));
    batch.add(table(Nft.DELTABLE, 0, family, table.name(), "delete"));
    batch.add(table(Nft.NEWTABLE, Nft.NLM_F_CREATE, family, table.name(), "create"));
    addContents(table, batch);
    return batch;
  }

  private static void addContents(TableState table, List<Request> batch) {
    TableState.Family family = table.family();
    // Chains before sets: a verdict map may lead to them. Sets before rules, which refer to them.
    table.chains().forEach(chain -> batch.add(chain(table, chain)));
    int id = 1;
    for (NamedSet set : table.sets()) {
      batch.add(set(table, set, id++));
      addElements(batch, family, table.name(), set, set.elements(), Nft.NEWSETELEM);
    }
    for (Chain chain : table.chains()) {
      chain.rules().forEach(rule -> batch.add(rule(table, chain, rule)));
    }
  }

  private static Request chain(TableState table, Chain chain) {
    return request(
        Nft.NEWCHAIN,
        Nft.NLM_F_CREATE,
        table.family(),
        w -> {
          w.attrString(Nft.NFTA_CHAIN_TABLE, table.name());
          w.attrString(Nft.NFTA_CHAIN_NAME, chain.name());
          chain.hook().ifPresent(hook -> encode(hook, w));
        },
        "create chain " + table.name() + " " + chain.name());
  }

  private static void encode(Hook hook, MessageWriter writer) {
    int nest = writer.nest(Nft.NFTA_CHAIN_HOOK);
    writer.attrBe32(Nft.NFTA_HOOK_HOOKNUM, hook.point().number());
    writer.attrBe32(Nft.NFTA_HOOK_PRIORITY, hook.priority());
    writer.endNest(nest);
    writer.attrString(Nft.NFTA_CHAIN_TYPE, hook.type());
    writer.attrBe32(Nft.NFTA_CHAIN_POLICY, hook.accept() ? 1 : 0);
  }

  private static Request rule(TableState table, Chain chain, Rule rule) {
    return request(
        Nft.NEWRULE,
        Nft.NLM_F_CREATE | Nft.NLM_F_APPEND,
        table.family(),
        w -> {
          w.attrString(Nft.NFTA_RULE_TABLE, table.name());
          w.attrString(Nft.NFTA_RULE_CHAIN, chain.name());
          int list = w.nest(Nft.NFTA_RULE_EXPRESSIONS);
          rule.exprs().forEach(expr -> Expr.encode(expr, w));
          w.endNest(list);
          if (!rule.comment().isEmpty()) {
            w.attr(Nft.NFTA_RULE_USERDATA, comment(rule.comment()));
          }
        },
        "add rule \"" + rule.comment() + "\" to chain " + table.name() + " " + chain.name());
  }

  private static byte[] comment(String text) {
    byte[] octets = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    MessageWriter writer = new MessageWriter(octets.length + 3);
    writer.u8(UDATA_RULE_COMMENT).u8(octets.length + 1).bytes(octets).u8(0);
    return writer.toArray();
  }

  private static Request set(TableState table, NamedSet set, int id) {
    return request(
        Nft.NEWSET,
        Nft.NLM_F_CREATE,
        table.family(),
        w -> {
          w.attrString(Nft.NFTA_SET_TABLE, table.name());
          w.attrString(Nft.NFTA_SET_NAME, set.name());
          w.attrBe32(Nft.NFTA_SET_FLAGS, set.data().isPresent() ? Nft.NFT_SET_MAP : 0);
          w.attrBe32(Nft.NFTA_SET_KEY_TYPE, set.key().number());
          w.attrBe32(Nft.NFTA_SET_KEY_LEN, set.key().length());
          set.data()
              .ifPresent(data -> {
                w.attrBe32(Nft.NFTA_SET_DATA_TYPE, data.number());
                w.attrBe32(Nft.NFTA_SET_DATA_LEN, data.length());
              });
          w.attrBe32(Nft.NFTA_SET_ID, id);
          if (set.key().equals(ValueType.IFNAME)) {
            w.attr(Nft.NFTA_SET_USERDATA, HOST_ORDER_KEY);
          }
        },
        "create set " + table.name() + " " + set.name());
  }

  private static void addElements(
      List<Request> batch,
      TableState.Family family,
      String table,
      NamedSet set,
      SortedMap<Bytes, Data> elements,
      int operation) {
    List<Map.Entry<Bytes, Data>> all = List.copyOf(elements.entrySet());
    for (int from = 0; from < all.size(); from += ELEMENTS_A_MESSAGE) {
      List<Map.Entry<Bytes, Data>> part =
          all.subList(from, Math.min(all.size(), from + ELEMENTS_A_MESSAGE));
      batch.add(
          request(
              operation,
              operation == Nft.NEWSETELEM ? Nft.NLM_F_CREATE : 0,
              family,
              w -> {
                w.attrString(Nft.NFTA_SET_ELEM_LIST_TABLE, table);
                w.attrString(Nft.NFTA_SET_ELEM_LIST_SET, set.name());
                int list = w.nest(Nft.NFTA_SET_ELEM_LIST_ELEMENTS);
                part.forEach(element -> encode(element.getKey(), element.getValue(), w));
                w.endNest(list);
              },
              "change elements of set " + table + " " + set.name()));
    }
  }

  private static void encode(Bytes key, Data data, MessageWriter writer) {
    int element = writer.nest(Nft.NFTA_LIST_ELEM);
    int nest = writer.nest(Nft.NFTA_SET_ELEM_KEY);
    writer.attr(Nft.NFTA_DATA_VALUE, key.toArray());
    writer.endNest(nest);
    switch (data) {
      case Data.None() -> {
        // The key is all.
      }
      case Data.Value(Bytes octets) -> {
        int value = writer.nest(Nft.NFTA_SET_ELEM_DATA);
        writer.attr(Nft.NFTA_DATA_VALUE, octets.toArray());
        writer.endNest(value);
      }
      case Data.Decision(Verdict verdict) -> {
        int value = writer.nest(Nft.NFTA_SET_ELEM_DATA);
        Verdict.encode(verdict, writer);
        writer.endNest(value);
      }
    }
    writer.endNest(element);
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
            .map(set -> withElements(family, name, set))
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

  private static Optional<String> text(Attributes message, int type) {
    return message.get(type).map(Attributes::string);
  }

  private static int be(Attributes message, int type) {
    return message.get(type).map(Attributes::be32).orElse(0);
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

  private static Optional<Hook> decodeHook(Attributes chain) {
    return chain
        .get(Nft.NFTA_CHAIN_HOOK)
        .map(hook -> {
          int number = be(hook, Nft.NFTA_HOOK_HOOKNUM);
          return new Hook(
              text(chain, Nft.NFTA_CHAIN_TYPE).orElse("filter"),
              Point.of(number),
              be(hook, Nft.NFTA_HOOK_PRIORITY),
              be(chain, Nft.NFTA_CHAIN_POLICY) == 1);
        });
  }

  /** Reads a rule. */
  static Rule decodeRule(Attributes message) {
    List<Expr> exprs = new ArrayList<>();
    message
        .get(Nft.NFTA_RULE_EXPRESSIONS)
        .ifPresent(list -> list.forEach((element, _) -> exprs.add(Expr.decode(element))));
    String comment =
        message
            .get(Nft.NFTA_RULE_USERDATA)
            .filter(data -> data.length() > 2 && data.headerU8(0) == UDATA_RULE_COMMENT)
            .map(data -> data.slice(2).string())
            .orElse("");
    return new Rule(exprs, comment);
  }

  private static NamedSet decodeSet(Attributes message) {
    boolean map = (be(message, Nft.NFTA_SET_FLAGS) & Nft.NFT_SET_MAP) != 0;
    int dataType = be(message, Nft.NFTA_SET_DATA_TYPE);
    int dataLength = dataType == Nft.NFT_DATA_VERDICT ? 0 : be(message, Nft.NFTA_SET_DATA_LEN);
    return new NamedSet(
        text(message, Nft.NFTA_SET_NAME).orElse(""),
        new ValueType(be(message, Nft.NFTA_SET_KEY_TYPE), be(message, Nft.NFTA_SET_KEY_LEN)),
        map ? Optional.of(new ValueType(dataType, dataLength)) : Optional.empty(),
        new TreeMap<>());
  }

  private NamedSet withElements(TableState.Family family, String table, NamedSet set) {
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
    return new NamedSet(set.name(), set.key(), set.data(), elements);
  }

  private static void decodeElement(Attributes element, SortedMap<Bytes, Data> elements) {
    Bytes key =
        element
            .get(Nft.NFTA_SET_ELEM_KEY)
            .flatMap(nest -> nest.get(Nft.NFTA_DATA_VALUE))
            .map(value -> Bytes.of(value.bytes()))
            .orElse(Bytes.of());
    Optional<Attributes> data = element.get(Nft.NFTA_SET_ELEM_DATA);
    elements.put(
        key,
        data.flatMap(nest -> nest.get(Nft.NFTA_DATA_VERDICT))
            .<Data>map(verdict -> new Data.Decision(Verdict.decode(verdict)))
            .or(() ->
                data.flatMap(nest -> nest.get(Nft.NFTA_DATA_VALUE))
                    .map(value -> new Data.Value(Bytes.of(value.bytes()))))
            .orElse(new Data.None()));
  }

  @Override
  public void close() {
    socket.close();
  }
}
