package io.denim.linux.netlink;

import java.util.Optional;

/**
 * A filter at the entry of a link that sends all that comes in out by another link, such as an
 * {@link LinkKind.Ifb}, behind which it goes on as if it had come by the first one. It is a u32
 * filter that matches everything with a mirred action, as the reference bandwidth plugin makes it
 * (linux/pkt_cls.h, linux/tc_act/tc_mirred.h); every kernel has those.
 *
 * @param ifindex the link that packets come in by; has {@link Qdisc#ingress}
 * @param to the link that they leave by instead
 */
public record Redirect(int ifindex, int to) {
  private static final int TCA_U32_CLASSID = 1;
  private static final int TCA_U32_SEL = 5;
  private static final int TCA_U32_ACT = 7;
  private static final int TC_U32_TERMINAL = 1;
  private static final int TCA_ACT_KIND = 1;
  private static final int TCA_ACT_OPTIONS = 2;
  private static final int TCA_MIRRED_PARMS = 2;
  private static final int TC_ACT_STOLEN = 4;
  private static final int TCA_EGRESS_REDIR = 1;
  private static final int ETH_P_ALL = 3;

  /** Octets of tc_mirred, and where in it what it does and the link stand. */
  private static final int TC_MIRRED = 28;

  private static final int MIRRED_EACTION = 20;
  private static final int MIRRED_IFINDEX = 24;

  /** tc's {@code 1:1}, which the reference plugin gives; nothing looks at it. */
  private static final int CLASS = 0x00010001;

  /** The priority, and the protocol in network order. */
  private static final int INFO = 1 << 16 | ETH_P_ALL << 8;

  /** Makes it. Twice makes two, of which the first takes all packets. */
  public Request create() {
    return new Nl.Message(
        Nl.RTM_NEWTFILTER,
        Nl.NLM_F_CREATE | Nl.NLM_F_EXCL,
        writer -> {
          Qdisc.header(writer, ifindex, 0, Qdisc.INGRESS_HANDLE, INFO);
          writer.attrString(Qdisc.TCA_KIND, "u32");
          int options = writer.nest(Qdisc.TCA_OPTIONS);
          writer.attrU32(TCA_U32_CLASSID, CLASS);
          encodeSelector(writer);
          encodeAction(writer);
          writer.endNest(options);
        },
        "redirect what comes in by link " + ifindex + " to link " + to);
  }

  private static void encodeSelector(MessageWriter writer) {
    int selector = writer.plainNest(TCA_U32_SEL);
    // tc_u32_sel: flags, offshift, nkeys, offmask, off, offoff, hoff, hmask.
    writer.u8(TC_U32_TERMINAL).u8(0).u8(1).u8(0).u16(0).u16(0).u16(0).u16(0).u32(0);
    // One tc_u32_key (mask, val, off, offmask) without a bit in its mask matches everything.
    writer.u32(0).u32(0).u32(0).u32(0);
    writer.endNest(selector);
  }

  private void encodeAction(MessageWriter writer) {
    int actions = writer.nest(TCA_U32_ACT);
    int first = writer.nest(1);
    writer.attrString(TCA_ACT_KIND, "mirred");
    int options = writer.nest(TCA_ACT_OPTIONS);
    int parameters = writer.plainNest(TCA_MIRRED_PARMS);
    // tc_mirred: index, capab, action, refcnt, bindcnt, eaction, ifindex.
    writer.u32(0).u32(0).u32(TC_ACT_STOLEN).u32(0).u32(0).u32(TCA_EGRESS_REDIR).u32(to);
    writer.endNest(parameters);
    writer.endNest(options);
    writer.endNest(first);
    writer.endNest(actions);
  }

  static Request dump(int ifindex) {
    return new Nl.Message(
        Nl.RTM_GETTFILTER,
        0,
        writer -> Qdisc.header(writer, ifindex, 0, Qdisc.INGRESS_HANDLE, 0),
        "list filters at the entry of link " + ifindex);
  }

  /** Empty for filters of other kinds and with another first action. */
  static Optional<Redirect> decode(Attributes message) {
    return message
        .get(Qdisc.TCA_OPTIONS)
        .filter(_ -> message.get(Qdisc.TCA_KIND).map(Attributes::string).orElse("").equals("u32"))
        .flatMap(options -> options.get(TCA_U32_ACT))
        .flatMap(actions -> actions.get(1))
        .filter(
            action -> action.get(TCA_ACT_KIND).map(Attributes::string).orElse("").equals("mirred"))
        .flatMap(action -> action.get(TCA_ACT_OPTIONS))
        .flatMap(options -> options.get(TCA_MIRRED_PARMS))
        .filter(mirred ->
            mirred.length() >= TC_MIRRED && mirred.headerU32(MIRRED_EACTION) == TCA_EGRESS_REDIR)
        .map(mirred -> new Redirect(message.headerU32(4), mirred.headerU32(MIRRED_IFINDEX)));
  }
}
