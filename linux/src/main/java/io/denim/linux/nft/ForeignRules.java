package io.denim.linux.nft;

import static io.denim.linux.nft.TableDecoder.text;
import static io.denim.linux.nft.TableRequests.mark;
import static io.denim.linux.nft.TableRequests.request;

import io.denim.linux.LinuxException;
import io.denim.linux.netlink.Attributes;
import io.denim.linux.netlink.MessageWriter;
import io.denim.linux.netlink.NetlinkSocket;
import io.denim.linux.netlink.Request;
import io.denim.linux.ns.Namespace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Single rules and chains in tables of others, such as iptables-nft's, of one network namespace:
 * found with their handles, and deleted. Any thread may use it.
 */
public final class ForeignRules implements AutoCloseable {
  // linux/netfilter/nf_tables.h, beside those of Nft.
  private static final int NFT_MSG_DELCHAIN = 5;
  private static final int NFT_MSG_DELRULE = 8;
  private static final int NFTA_RULE_HANDLE = 3;
  private static final int NFTA_MATCH_NAME = 1;
  private static final int NFTA_MATCH_INFO = 3;

  private static final int NFGENMSG = 4;

  private final NetlinkSocket socket;

  private ForeignRules(NetlinkSocket socket) {
    this.socket = socket;
  }

  /** Opens a socket in the namespace, which may be closed afterwards. */
  public static ForeignRules open(Namespace namespace) {
    return new ForeignRules(NetlinkSocket.open(namespace, NetlinkSocket.NETLINK_NETFILTER));
  }

  /**
   * A rule.
   *
   * @param chain the chain that it is in
   * @param handle its number in the table, which no other rule gets as long as the table lives
   * @param target the chain that it leads to by jump or goto, empty for other rules
   * @param comment its comment, nft's or iptables's; empty for none
   */
  public record Found(String chain, long handle, Optional<String> target, String comment) {}

  /** The rules of a table in order, chain by chain; none when there is no such table. */
  public List<Found> read(TableState.Family family, String table) {
    return socket.dump(
        request(
            Nft.GETRULE,
            0,
            family,
            w -> w.attrString(Nft.NFTA_RULE_TABLE, table),
            "list rules of table " + table),
        NFGENMSG,
        message ->
            message.headerU8(0) == family.number()
                    && text(message, Nft.NFTA_RULE_TABLE).filter(table::equals).isPresent()
                ? Optional.of(decode(message))
                : Optional.<Found>empty());
  }

  /** Reads a rule. */
  static Found decode(Attributes message) {
    List<String> targets = new ArrayList<>();
    List<String> comments = new ArrayList<>();
    message
        .get(Nft.NFTA_RULE_USERDATA)
        .filter(data -> data.length() > 2 && data.headerU8(0) == TableRequests.UDATA_RULE_COMMENT)
        .ifPresent(data -> comments.add(data.slice(2).string()));
    message
        .get(Nft.NFTA_RULE_EXPRESSIONS)
        .ifPresent(list ->
            list.forEach((element, _) -> {
              switch (Expr.decode(element)) {
                case Expr.Decide(Verdict.Jump(String chain)) -> targets.add(chain);
                case Expr.Decide(Verdict.Goto(String chain)) -> targets.add(chain);
                case Expr.Unknown(String name, Bytes data) when name.equals("match") ->
                    xtComment(data).ifPresent(comments::add);
                case Expr _ -> {
                  // Neither leads anywhere nor says anything.
                }
              }
            }));
    return new Found(
        text(message, Nft.NFTA_RULE_CHAIN).orElse(""),
        message.get(NFTA_RULE_HANDLE).map(data -> Long.reverseBytes(data.u64())).orElse(0L),
        targets.stream().findFirst(),
        String.join(" ", comments));
  }

  /** The text of iptables's match "comment" (struct xt_comment_info). */
  private static Optional<String> xtComment(Bytes match) {
    Attributes attributes = Attributes.of(match.toArray(), 0, 0, match.length());
    return text(attributes, NFTA_MATCH_NAME).filter("comment"::equals).isPresent()
        ? attributes.get(NFTA_MATCH_INFO).map(Attributes::string)
        : Optional.empty();
  }

  /**
   * Deletes rules, and then chains with all that is in them, in one transaction.
   *
   * @throws LinuxException naming the first that was refused: ENOENT for what is gone, EBUSY for a
   *     chain to which other rules lead; then nothing has changed
   */
  public void delete(
      TableState.Family family, String table, List<Found> rules, List<String> chains) {
    List<Request> batch = new ArrayList<>();
    batch.add(mark(Nft.BATCH_BEGIN, "begin a batch"));
    for (Found rule : rules) {
      batch.add(
          request(
              NFT_MSG_DELRULE,
              0,
              family,
              w -> {
                rulesOf(table, rule.chain(), w);
                w.attrU64(NFTA_RULE_HANDLE, Long.reverseBytes(rule.handle()));
              },
              "delete rule " + rule.handle() + " of chain " + table + " " + rule.chain()));
    }
    for (String chain : chains) {
      batch.add(
          request(
              NFT_MSG_DELRULE,
              0,
              family,
              w -> rulesOf(table, chain, w),
              "flush chain " + table + " " + chain));
      batch.add(
          request(
              NFT_MSG_DELCHAIN,
              0,
              family,
              w -> w.attrString(Nft.NFTA_CHAIN_TABLE, table).attrString(Nft.NFTA_CHAIN_NAME, chain),
              "delete chain " + table + " " + chain));
    }
    batch.add(mark(Nft.BATCH_END, "end a batch"));
    if (batch.size() > 2) {
      List<NetlinkSocket.Failure> failures = socket.transact(batch, true);
      if (!failures.isEmpty()) {
        throw failures.getFirst().error();
      }
    }
  }

  private static void rulesOf(String table, String chain, MessageWriter writer) {
    writer.attrString(Nft.NFTA_RULE_TABLE, table).attrString(Nft.NFTA_RULE_CHAIN, chain);
  }

  @Override
  public void close() {
    socket.close();
  }
}
