package io.denim.linux.nft;

import io.denim.linux.netlink.MessageWriter;
import io.denim.linux.netlink.Request;
import io.denim.linux.nft.TableState.Chain;
import io.denim.linux.nft.TableState.Data;
import io.denim.linux.nft.TableState.Hook;
import io.denim.linux.nft.TableState.NamedSet;
import io.denim.linux.nft.TableState.Rule;
import io.denim.linux.nft.TableState.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Consumer;

/** The requests that make tables and change their elements, without BEGIN and END. */
final class TableRequests {
  private static final int ELEMENTS_A_MESSAGE = 500;

  /** The type octet of a comment in a rule's user data (libnftnl's NFTNL_UDATA_RULE_COMMENT). */
  static final int UDATA_RULE_COMMENT = 0;

  /**
   * Tells nft that keys are in host order (libnftnl's NFTNL_UDATA_SET_KEYBYTEORDER), else it prints
   * no names.
   */
  private static final byte[] HOST_ORDER_KEY = {0, 4, 1, 0, 0, 0};

  private TableRequests() {}

  /** BEGIN or END of a batch. */
  static Request mark(int type, String words) {
    return Request.of(type, 0, w -> w.u8(0).u8(0).be16(Nft.SUBSYSTEM), words);
  }

  /**
   * The requests of one change. What is to go is added first: see {@link Nftables#change}, which
   * tells why.
   */
  static void addChange(
      List<Request> batch, TableState.Family family, String table, ElementChange change) {
    addElements(batch, family, table, change.set(), change.elements(), Nft.NEWSETELEM);
    if (change.remove()) {
      addElements(batch, family, table, change.set(), change.elements(), Nft.DELSETELEM);
    }
  }

  static Request request(
      int operation,
      int flags,
      TableState.Family family,
      Consumer<MessageWriter> attributes,
      String words) {
    return Request.of(
        Nft.SUBSYSTEM << 8 | operation,
        flags,
        writer -> {
          writer.u8(family.number()).u8(0).be16(0);
          attributes.accept(writer);
        },
        words);
  }

  static Request table(
      int operation, int flags, TableState.Family family, String name, String verb) {
    return request(
        operation,
        flags,
        family,
        w -> w.attrString(Nft.NFTA_TABLE_NAME, name),
        verb + " table " + name);
  }

  static List<Request> replacement(TableState table) {
    List<Request> batch = new ArrayList<>();
    TableState.Family family = table.family();
    batch.add(table(Nft.NEWTABLE, Nft.NLM_F_CREATE, family, table.name(), "create"));
    batch.add(table(Nft.DELTABLE, 0, family, table.name(), "delete"));
    batch.add(table(Nft.NEWTABLE, Nft.NLM_F_CREATE, family, table.name(), "create"));
    addContents(table, batch);
    return batch;
  }

  static void addContents(TableState table, List<Request> batch) {
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
          // Parts of a concatenation have their order from their types.
          if (set.key().equals(ValueType.IFNAME)) {
            w.attr(Nft.NFTA_SET_USERDATA, HOST_ORDER_KEY);
          }
        },
        "create set " + table.name() + " " + set.name());
  }

  static void addElements(
      List<Request> batch,
      TableState.Family family,
      String table,
      NamedSet set,
      SortedMap<Bytes, Data> elements,
      int operation) {
    String verb = operation == Nft.DELSETELEM ? "remove" : "add";
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
              verb + " elements of set " + table + " " + set.name()));
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
}
