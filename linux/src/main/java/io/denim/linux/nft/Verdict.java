package io.denim.linux.nft;

import io.denim.linux.netlink.Attributes;
import io.denim.linux.netlink.MalformedMessageException;
import io.denim.linux.netlink.MessageWriter;

/** What becomes of a packet, or where the walk goes on. */
public sealed interface Verdict {
  /** Let through by this chain. */
  record Accept() implements Verdict {}

  /** Dropped. */
  record Drop() implements Verdict {}

  /** On with the next rule. */
  record Continue() implements Verdict {}

  /** Back to the calling chain; in a base chain its policy. */
  record Return() implements Verdict {}

  /** Into another chain, and back when that ends. */
  record Jump(String chain) implements Verdict {}

  /** Into another chain for good. */
  record Goto(String chain) implements Verdict {}

  /** Writes NFTA_DATA_VERDICT. */
  static void encode(Verdict verdict, MessageWriter writer) {
    int nest = writer.nest(Nft.NFTA_DATA_VERDICT);
    switch (verdict) {
      case Accept() -> writer.attrBe32(Nft.NFTA_VERDICT_CODE, 1);
      case Drop() -> writer.attrBe32(Nft.NFTA_VERDICT_CODE, 0);
      case Continue() -> writer.attrBe32(Nft.NFTA_VERDICT_CODE, -1);
      case Return() -> writer.attrBe32(Nft.NFTA_VERDICT_CODE, -5);
      case Jump(String chain) -> {
        writer.attrBe32(Nft.NFTA_VERDICT_CODE, -3);
        writer.attrString(Nft.NFTA_VERDICT_CHAIN, chain);
      }
      case Goto(String chain) -> {
        writer.attrBe32(Nft.NFTA_VERDICT_CODE, -4);
        writer.attrString(Nft.NFTA_VERDICT_CHAIN, chain);
      }
    }
    writer.endNest(nest);
  }

  /** Reads NFTA_DATA_VERDICT. */
  static Verdict decode(Attributes verdict) {
    String chain = verdict.get(Nft.NFTA_VERDICT_CHAIN).map(Attributes::string).orElse("");
    int code = verdict.get(Nft.NFTA_VERDICT_CODE).map(Attributes::be32).orElse(0);
    return switch (code) {
      case 0 -> new Drop();
      case 1 -> new Accept();
      case -1 -> new Continue();
      case -5 -> new Return();
      case -3 -> new Jump(chain);
      case -4 -> new Goto(chain);
      default -> throw new MalformedMessageException("verdict code " + code);
    };
  }
}
