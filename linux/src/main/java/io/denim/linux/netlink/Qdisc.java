package io.denim.linux.netlink;

import java.time.Duration;
import java.util.Optional;

/**
 * A queueing discipline: what becomes of packets on their way out of a link, or in by it
 * (linux/pkt_sched.h, linux/rtnetlink.h).
 *
 * <p>A limit for a pod that hangs on a veth of the host: towards the pod, {@link #root} with a
 * {@link Tbf} on the veth; from the pod, an {@link LinkKind.Ifb} with the same as its root, and on
 * the veth {@link #ingress} with a {@link Redirect} to the ifb, since what comes in cannot be
 * queued.
 *
 * @param ifindex the link
 * @param handle its number, major in the upper 16 bits, as in tc's {@code 1:}; 0 for those that the
 *     kernel gives by itself
 * @param parent where it sits: {@link #TC_H_ROOT}, {@link #TC_H_INGRESS}, or the handle of a class
 * @param kind what it does
 */
public record Qdisc(int ifindex, int handle, int parent, Kind kind) {
  /** The parent of what stands at the exit. */
  public static final int TC_H_ROOT = 0xffffffff;

  /** The parent of what stands at the entry. */
  public static final int TC_H_INGRESS = 0xfffffff1;

  /** tc's {@code ffff:}, the handle of each ingress discipline. */
  static final int INGRESS_HANDLE = 0xffff0000;

  private static final int FIRST_HANDLE = 0x00010000;

  /** Octets of tcmsg. */
  static final int HEADER = 20;

  static final int TCA_KIND = 1;
  static final int TCA_OPTIONS = 2;

  private static final int TCA_TBF_PARMS = 1;
  private static final int TCA_TBF_RATE64 = 4;
  private static final int TCA_TBF_BURST = 6;
  private static final int TC_LINKLAYER_ETHERNET = 1;

  /** Octets of tc_tbf_qopt, and where in it the rate, the limit and the bucket stand. */
  private static final int TBF_QOPT = 36;

  private static final int QOPT_RATE = 8;
  private static final int QOPT_LIMIT = 24;
  private static final int QOPT_BUFFER = 28;

  /** The kernel's clock of packets goes in steps of this (PSCHED_SHIFT, net/pkt_sched.h). */
  private static final int TICK_NANOS = 64;

  private static final long U32_MAX = 0xffffffffL;

  /** What a discipline does. */
  public sealed interface Kind {
    /** The kernel's name of it. */
    String kernelName();
  }

  /**
   * A token bucket: what goes beyond the rate waits, and beyond the limit is dropped.
   *
   * @param rate octets a second
   * @param burst the size of the bucket in octets, at most 4 GiB less one. A packet larger than
   *     that never passes: let it be no smaller than the MTU. The kernel holds it as time at the
   *     rate, in steps of 64 ns: above 15 MB/s it is read back a few octets smaller, and wrongly
   *     where it lasts for more than 274 s
   * @param limit how many octets may wait, with those that the bucket lets through; at most 4 GiB
   *     less one
   */
  public record Tbf(long rate, long burst, long limit) implements Kind {
    /**
     * A bucket whose queue holds what leaves within this time, as {@code tc … tbf latency}; the
     * reference bandwidth plugin gives 25 ms.
     */
    public static Tbf of(long rate, long burst, Duration latency) {
      double waiting = (double) rate * latency.toNanos() / 1e9;
      return new Tbf(rate, burst, Math.min(U32_MAX, (long) waiting + burst));
    }

    /** Checks that the kernel can hold them. */
    public Tbf {
      if (rate <= 0 || burst <= 0 || burst > U32_MAX || limit <= 0 || limit > U32_MAX) {
        throw new IllegalArgumentException(
            "cannot limit to "
                + rate
                + " octets a second with a burst of "
                + burst
                + " and a limit of "
                + limit
                + "; allowed: a rate above 0, burst and limit from 1 to "
                + U32_MAX);
      }
    }

    @Override
    public String kernelName() {
      return "tbf";
    }

    /** Whether the kernel, telling {@code there}, does what this says; the burst is not exact. */
    public boolean sameAs(Tbf there) {
      return rate == there.rate && limit == there.limit;
    }
  }

  /** At the entry of a link: has filters, queues nothing. */
  public record Ingress() implements Kind {
    @Override
    public String kernelName() {
      return "ingress";
    }
  }

  /** Any other kind by its name. */
  public record Other(String kernelName) implements Kind {}

  /** This kind at the exit of a link, as tc's {@code root handle 1:}. */
  public static Qdisc root(int ifindex, Kind kind) {
    return new Qdisc(ifindex, FIRST_HANDLE, TC_H_ROOT, kind);
  }

  /** The entry of a link. */
  public static Qdisc ingress(int ifindex) {
    return new Qdisc(ifindex, INGRESS_HANDLE, TC_H_INGRESS, new Ingress());
  }

  /** Makes it, or changes what is there: packets that wait stay. */
  public Request replace() {
    return new Nl.Message(
        Nl.RTM_NEWQDISC,
        Nl.NLM_F_CREATE | Nl.NLM_F_REPLACE,
        writer -> {
          header(writer, ifindex, handle, parent, 0);
          writer.attrString(TCA_KIND, kind.kernelName());
          encodeOptions(writer);
        },
        "replace qdisc " + kind.kernelName() + " of link " + ifindex);
  }

  /**
   * Takes it away, with its filters; the kernel puts its default in the place of a root. ENOENT or
   * EINVAL when it is not there.
   */
  public Request delete() {
    return new Nl.Message(
        Nl.RTM_DELQDISC,
        0,
        writer -> header(writer, ifindex, handle, parent, 0),
        "delete qdisc " + kind.kernelName() + " of link " + ifindex);
  }

  private void encodeOptions(MessageWriter writer) {
    switch (kind) {
      case Tbf(long rate, long burst, long limit) -> {
        int options = writer.nest(TCA_OPTIONS);
        int parameters = writer.plainNest(TCA_TBF_PARMS);
        // tc_tbf_qopt: rate and peak rate (tc_ratespec), limit, buffer, mtu. With a link layer
        // named, the kernel wants no table of rates.
        int rate32 = (int) Math.min(rate, U32_MAX);
        writer.u8(0).u8(TC_LINKLAYER_ETHERNET).u16(0).u16(0).u16(0).u32(rate32);
        writer.u32(0).u32(0).u32(0);
        writer.u32((int) limit).u32(0).u32(0);
        writer.endNest(parameters);
        if (rate > U32_MAX) {
          writer.attrU64(TCA_TBF_RATE64, rate);
        }
        writer.attrU32(TCA_TBF_BURST, (int) burst);
        writer.endNest(options);
      }
      case Ingress(), Other(_) -> {
        // Has none.
      }
    }
  }

  static void header(MessageWriter writer, int ifindex, int handle, int parent, int info) {
    writer.u32(Nl.AF_UNSPEC).u32(ifindex).u32(handle).u32(parent).u32(info);
  }

  static Request dump() {
    return new Nl.Message(
        Nl.RTM_GETQDISC, 0, writer -> header(writer, 0, 0, 0, 0), "list queueing disciplines");
  }

  static Optional<Qdisc> decode(Attributes message) {
    String kind = message.get(TCA_KIND).map(Attributes::string).orElse("");
    Optional<Attributes> options = message.get(TCA_OPTIONS);
    return Optional.of(
        new Qdisc(
            message.headerU32(4),
            message.headerU32(8),
            message.headerU32(12),
            switch (kind) {
              case "tbf" -> options.flatMap(Qdisc::decodeTbf).orElse(new Other(kind));
              case "ingress" -> new Ingress();
              default -> new Other(kind);
            }));
  }

  private static Optional<Kind> decodeTbf(Attributes options) {
    Optional<Attributes> parameters = options.get(TCA_TBF_PARMS);
    if (parameters.isEmpty()) {
      return Optional.empty();
    }
    Attributes qopt = parameters.get();
    if (qopt.length() < TBF_QOPT) {
      throw new MalformedMessageException("a token bucket of " + qopt.length() + " octets");
    }
    long rate =
        options
            .get(TCA_TBF_RATE64)
            .map(Attributes::u64)
            .orElse(Integer.toUnsignedLong(qopt.headerU32(QOPT_RATE)));
    long limit = Integer.toUnsignedLong(qopt.headerU32(QOPT_LIMIT));
    long ticks = Integer.toUnsignedLong(qopt.headerU32(QOPT_BUFFER));
    long burst = (long) Math.min(U32_MAX, Math.ceil((double) ticks * TICK_NANOS * rate / 1e9));
    // Whoever made such a one did it not by this class.
    boolean ours = rate > 0 && burst > 0 && limit > 0;
    return ours ? Optional.of(new Tbf(rate, burst, limit)) : Optional.empty();
  }
}
