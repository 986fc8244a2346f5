package io.denim.linux.netlink;

import java.time.Duration;

/** The queueing discipline that delays packets (linux/pkt_sched.h, sch_netem). */
public final class Netem {
  private static final int TCA_KIND = 1;
  private static final int TCA_OPTIONS = 2;
  private static final int TCA_NETEM_LATENCY64 = 10;
  private static final int TC_H_ROOT = 0xffffffff;
  private static final int LIMIT_PACKETS = 10_000;

  private Netem() {}

  /** Delays what leaves by this link; ENOENT when the kernel has no netem. */
  public static Request delay(int ifindex, Duration latency) {
    return new Nl.Message(
        Nl.RTM_NEWQDISC,
        Nl.NLM_F_CREATE | Nl.NLM_F_REPLACE,
        writer -> {
          writer.u32(0).u32(ifindex).u32(0).u32(TC_H_ROOT).u32(0);
          writer.attrString(TCA_KIND, "netem");
          int options = writer.plainNest(TCA_OPTIONS);
          // tc_netem_qopt: latency, limit, loss, gap, duplicate, jitter.
          writer.u32(0).u32(LIMIT_PACKETS).u32(0).u32(0).u32(0).u32(0);
          writer.attrU64(TCA_NETEM_LATENCY64, latency.toNanos());
          writer.endNest(options);
        },
        "delay packets on link " + ifindex + " by " + latency.toMillis() + " ms (netem)");
  }
}
