package io.denim.linux.nft;

import io.denim.linux.netlink.Attributes;
import io.denim.linux.nft.TableState.Data;
import io.denim.linux.nft.TableState.Hook;
import io.denim.linux.nft.TableState.NamedSet;
import io.denim.linux.nft.TableState.Point;
import io.denim.linux.nft.TableState.Rule;
import io.denim.linux.nft.TableState.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Makes values of the messages of dumps. */
final class TableDecoder {
  private TableDecoder() {}

  static Optional<String> text(Attributes message, int type) {
    return message.get(type).map(Attributes::string);
  }

  static int be(Attributes message, int type) {
    return message.get(type).map(Attributes::be32).orElse(0);
  }

  static Optional<Hook> decodeHook(Attributes chain) {
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
            .filter(
                data -> data.length() > 2 && data.headerU8(0) == TableRequests.UDATA_RULE_COMMENT)
            .map(data -> data.slice(2).string())
            .orElse("");
    return new Rule(exprs, comment);
  }

  static NamedSet decodeSet(Attributes message) {
    boolean map = (be(message, Nft.NFTA_SET_FLAGS) & Nft.NFT_SET_MAP) != 0;
    int dataType = be(message, Nft.NFTA_SET_DATA_TYPE);
    int dataLength = dataType == Nft.NFT_DATA_VERDICT ? 0 : be(message, Nft.NFTA_SET_DATA_LEN);
    return new NamedSet(
        text(message, Nft.NFTA_SET_NAME).orElse(""),
        new ValueType(be(message, Nft.NFTA_SET_KEY_TYPE), be(message, Nft.NFTA_SET_KEY_LEN)),
        map ? Optional.of(new ValueType(dataType, dataLength)) : Optional.empty(),
        new TreeMap<>());
  }

  static void decodeElement(Attributes element, SortedMap<Bytes, Data> elements) {
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
}
